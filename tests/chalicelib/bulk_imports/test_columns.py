"""Which column is taken for which field."""

from __future__ import annotations

import pytest

from chalicelib.bulk_imports.columns import FIELDS, SYNONYMS, apply_mapping, guess_mapping, normalised
from chalicelib.bulk_imports.reading_errors import MappingWrong

WRITTEN = {
    "name": ["Name", "Full Name", "full_name", "FULLNAME", "Nom complet", "Nombre completo", "Bewerber"],
    "first_name": ["First Name", "firstName", "Vorname", "Prénom", "PRENOM", "Nombre"],
    "last_name": ["Last Name", "Surname", "Nachname", "Nom", "Nom de famille", "Apellidos"],
    "email": ["E-Mail", "e mail", "EMAIL", "Email Address", "E-Mail-Adresse", "Courriel", "Correo electrónico"],
    "phone": ["Phone", "Mobile", "Telefon", "Handy", "Téléphone", "TELEPHONE", "Teléfono", "Móvil"],
    "location": ["Location", "City", "Wohnort", "Ville", "Ciudad"],
    "headline": ["Headline", "Job Title", "Current Position", "Titel", "Intitulé du poste", "Puesto"],
    "summary": ["Summary", "About", "Zusammenfassung", "À propos", "Résumé", "Resumen"],
    "skills": ["Skills", "Kenntnisse", "Fähigkeiten", "Compétences", "Habilidades"],
    "tags": ["Tags", "Labels", "Schlagwörter", "Mots-clés", "Etiquetas"],
    "source": ["Source", "Quelle", "Provenance", "Fuente"],
    "links": ["Links", "URL"],
    "linkedin": ["LinkedIn", "LinkedIn URL", "LinkedIn-Profil"],
    "github": ["GitHub", "Github profile"],
    "website": ["Website", "Portfolio", "Webseite", "Site web", "Sitio web"],
    "employer": ["Company", "Current Employer", "Arbeitgeber", "Entreprise", "Empresa"],
    "institution": ["University", "Hochschule", "École", "Universidad"],
    "degree": ["Degree", "Education", "Abschluss", "Diplôme", "Titulación"],
    "consent_given_at": ["Consent", "GDPR consent", "Einwilligung", "Consentement", "Consentimiento"],
    "consent_source": ["Consent source", "Einwilligungsquelle"],
}


@pytest.mark.parametrize(("field", "column"), [(field, name) for field, names in WRITTEN.items() for name in names])
def test_a_column_is_known_in_four_languages_whatever_its_spelling(field: str, column: str) -> None:
    assert guess_mapping(["x", column, "y"]).columns == {field: column}


def test_every_field_is_in_the_table_above_and_no_name_means_two() -> None:
    assert set(WRITTEN) == set(FIELDS)
    names = [name for synonyms in SYNONYMS.values() for name in synonyms]
    assert len(names) == len(set(names))


def test_unknown_columns_are_said_to_be_left_out() -> None:
    assert guess_mapping(["Name", "Shoe size", ""]).unmapped == ("Shoe size", "")


def test_of_several_columns_the_usual_name_is_taken_and_the_choice_is_shown() -> None:
    guess = guess_mapping(["Mobile", "Name", "Phone"])

    assert guess.columns["phone"] == "Phone"
    assert guess.ambiguous == {"phone": ("Phone", "Mobile")}
    assert guess.unmapped == ("Mobile",)


def test_an_explicit_mapping_wins_over_the_guess() -> None:
    mapping = apply_mapping(["Name", "Phone", "Mobile", "Kenn-Nr"], {"phone": "Mobile", "source": "Kenn-Nr"})

    assert mapping.columns == {"name": "Name", "phone": "Mobile", "source": "Kenn-Nr"}
    assert mapping.unmapped == ("Phone",)
    assert mapping.ambiguous == {}


def test_a_column_claimed_for_one_field_is_not_also_guessed_for_another() -> None:
    assert apply_mapping(["Title", "Name"], {"summary": "Title"}).columns == {"summary": "Title", "name": "Name"}


def test_a_field_can_be_left_empty_on_purpose() -> None:
    assert apply_mapping(["Name", "Notes"], {"summary": None}).columns == {"name": "Name"}


def test_all_mistakes_of_a_mapping_are_named_at_once() -> None:
    with pytest.raises(MappingWrong) as refusal:
        apply_mapping(["Name"], {"shoe_size": "Name", "email": "Mail"})

    assert [error["field"] for error in refusal.value.extra["errors"]] == ["mapping.shoe_size", "mapping.email"]  # type: ignore[attr-defined]


def test_names_are_compared_without_case_accents_and_punctuation() -> None:
    assert {normalised(name) for name in ("E-Mail", "e mail", " ÉMAIL ", "e_mail:")} == {"email"}
