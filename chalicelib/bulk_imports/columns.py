"""Which column of a file holds which field of a candidate."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.bulk_imports.reading_errors import MappingWrong

# English, German, French, Spanish; where one file has several of a field's names, the earlier one is taken.
_SYNONYMS = """
name: name, full name, candidate name, candidate, applicant, contact name, vollständiger name, bewerber, bewerberin,
    kandidat, kandidatin, name des bewerbers, nom complet, nom et prénom, prénom et nom, candidat, nombre completo,
    nombre y apellidos, nombre y apellido, candidato
first_name: first name, given name, forename, vorname, rufname, prénom, nombre, nombres, nombre de pila
last_name: last name, surname, family name, nachname, familienname, zuname, nom, nom de famille, apellido, apellidos
email: email, e-mail, email address, e-mail address, mail, primary email, personal email, work email, e-mail-adresse,
    emailadresse, mailadresse, courriel, adresse e-mail, adresse email, adresse électronique, mél, correo,
    correo electrónico, dirección de correo, dirección de correo electrónico
phone: phone, phone number, mobile, mobile phone, mobile number, cell, cell phone, telephone, telephone number, tel,
    primary phone, telefon, telefonnummer, handy, handynummer, mobil, mobilnummer, mobiltelefon, rufnummer, téléphone,
    numéro de téléphone, portable, téléphone portable, mobile personnel, teléfono, número de teléfono, móvil, celular
location: location, city, current location, address, place, town, city and country, ort, wohnort, stadt, standort,
    adresse, anschrift, lieu, ville, localisation, lieu de résidence, ubicación, ciudad, localidad, dirección,
    lugar de residencia
headline: headline, title, job title, current title, current position, position, role, profession, label, titel,
    jobtitel, berufsbezeichnung, aktuelle position, beruf, stelle, funktion, titre, poste, poste actuel,
    intitulé du poste, fonction, métier, título, título profesional, puesto, puesto actual, cargo, profesión, rol
summary: summary, profile, about, about me, bio, biography, description, notes, note, comments, zusammenfassung,
    profil, kurzprofil, über mich, beschreibung, notizen, bemerkungen, anmerkungen, résumé, à propos, présentation,
    remarques, commentaires, resumen, perfil, acerca de, sobre mí, descripción, notas, comentarios, observaciones
skills: skills, key skills, skill set, skillset, competencies, technologies, fähigkeiten, kenntnisse, kompetenzen,
    fachkenntnisse, technologien, compétences, compétences clés, savoir-faire, habilidades, competencias,
    conocimientos, aptitudes, tecnologías
tags: tags, tag, labels, keywords, categories, category, schlagwörter, schlagworte, stichwörter, stichworte,
    kategorien, kategorie, étiquettes, mots clés, mots-clés, catégories, catégorie, etiquetas, palabras clave,
    categorías, categoría
source: source, lead source, candidate source, origin, channel, referrer, quelle, herkunft, kanal, bewerberquelle,
    provenance, origine, canal, fuente, origen, procedencia
links: links, link, url, urls, profile url, profiles, verweise, liens, lien, enlaces, enlace
linkedin: linkedin, linkedin url, linkedin profile, linkedin link, linkedin-profil, profil linkedin, perfil de linkedin
github: github, github url, github profile, github username, github-profil, profil github, perfil de github
website: website, web site, homepage, web page, personal website, portfolio, portfolio url, blog, webseite,
    internetseite, site web, site internet, site, page web, sitio web, página web, portafolio, web
employer: current employer, employer, current company, company, company name, organization, organisation,
    aktueller arbeitgeber, arbeitgeber, firma, unternehmen, entreprise, employeur, employeur actuel, société,
    entreprise actuelle, empresa, empresa actual, empleador, compañía
institution: institution, school, university, college, alma mater, hochschule, universität, schule, ausbildungsstätte,
    établissement, école, université, universidad, escuela, institución, centro de estudios
degree: degree, education, qualification, highest degree, highest education, abschluss, ausbildung, bildungsabschluss,
    studium, diplôme, formation, études, niveau d'études, formación, educación, estudios, titulación
consent_given_at: consent date, consent given at, consent, consented at, gdpr consent, gdpr, consent given,
    einwilligung am, einwilligung, einwilligungsdatum, dsgvo, dsgvo-einwilligung, zustimmung, date de consentement,
    consentement, rgpd, consentement rgpd, fecha de consentimiento, consentimiento, rgpd consentimiento
consent_source: consent source, source of consent, consent from, quelle der einwilligung, einwilligungsquelle,
    source du consentement, origine du consentement, fuente del consentimiento, origen del consentimiento
"""


def normalised(name: str) -> str:
    """A column name without case, accents and punctuation: "E-Mail", "e mail" and "EMail" are all "email"."""
    letters = unicodedata.normalize("NFKD", name[:200].casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _read_synonyms(table: str) -> dict[str, tuple[str, ...]]:
    fields: dict[str, tuple[str, ...]] = {}
    for line in table.replace("\n    ", " ").strip().splitlines():
        field, _, names = line.partition(":")
        written = [field, *names.split(",")]
        fields[field] = tuple(dict.fromkeys(normalised(name) for name in written))
    return fields


SYNONYMS: Mapping[str, tuple[str, ...]] = _read_synonyms(_SYNONYMS)
"""Each field that a column can be mapped to, with its names as `normalised` writes them, best first."""
FIELDS = tuple(SYNONYMS)
_FIELD_OF = {name: field for field, names in SYNONYMS.items() for name in names}
KNOWN_NAMES = frozenset(_FIELD_OF)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """`columns` says field -> column; `unmapped` columns are not imported; `ambiguous` says field -> all the columns
    that might be meant, when there were several: the one in `columns` is a guess that a person should see."""

    columns: dict[str, str]
    unmapped: tuple[str, ...]
    ambiguous: dict[str, tuple[str, ...]]


def guess_mapping(header: Iterable[str]) -> ColumnMapping:
    """Every column whose name we know, mapped to its field."""
    columns = tuple(header)
    found: dict[str, list[tuple[int, str]]] = {}
    for column in columns:
        name = normalised(column)
        if field := _FIELD_OF.get(name):
            found.setdefault(field, []).append((SYNONYMS[field].index(name), column))
    # The sort is stable: of two columns with the same name the first in the file is taken.
    ranked = {field: sorted(places, key=lambda place: place[0]) for field, places in found.items()}
    chosen = {field: places[0][1] for field, places in ranked.items()}
    ambiguous = {field: tuple(column for _, column in places) for field, places in ranked.items() if len(places) > 1}
    return _mapping(columns, chosen, ambiguous)


def apply_mapping(header: Iterable[str], wished: Mapping[str, str | None]) -> ColumnMapping:
    """The guess, overruled by `wished` (field -> column; None: leave that field empty).

    Raises MappingWrong with every unknown field and column at once.
    """
    columns = tuple(header)
    errors = [
        {"field": f"mapping.{field}", "message": f"there is no such field; fields are {', '.join(FIELDS)}"}
        for field in wished
        if field not in SYNONYMS
    ]
    errors += [
        {"field": f"mapping.{field}", "message": f"the file has no column {column[:100]!r}"}
        for field, column in wished.items()
        if column is not None and column not in columns
    ]
    if errors:
        raise MappingWrong(errors)
    guess = guess_mapping(columns)
    claimed = set(wished.values())
    chosen = {field: column for field, column in guess.columns.items() if field not in wished and column not in claimed}
    chosen |= {field: column for field, column in wished.items() if column is not None}
    return _mapping(columns, chosen, {f: among for f, among in guess.ambiguous.items() if f not in wished})


def _mapping(header: tuple[str, ...], chosen: dict[str, str], ambiguous: dict[str, tuple[str, ...]]) -> ColumnMapping:
    used = set(chosen.values())
    return ColumnMapping(chosen, tuple(column for column in header if column not in used), ambiguous)
