"""A document's lines, and the sections that its headings part them into."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.resumes.text import DocumentText

LONGEST_HEADING = 60
_LINE = re.compile(r"[^\n\r\f\v\x1c-\x1e\x85\u2028\u2029]+")
# Bullets as word processors and PDF fonts leave them; private-use characters are Symbol and Wingdings bullets.
_BULLET = re.compile(r"(?:[•●○◦▪▫■□►▸‣⁃∙·➢➤✓✔❖◆♦§*\uf0b7\uf0a7\uf0d8\uf076\uf0fc\u2022]|[-–—](?=\s)|o(?=\s{2}))\s{0,8}")
_CELL_BREAK = re.compile(r"\t+|[ \xa0\u2003\u2002]{3,}|\s?[|¦│•·●▪∙◆♦]\s?|\s[–—]\s")


class Section(StrEnum):
    """What a stretch of a résumé is about."""

    HEADER = "header"
    CONTACT = "contact"
    SUMMARY = "summary"
    EXPERIENCE = "experience"
    EDUCATION = "education"
    SKILLS = "skills"
    LANGUAGES = "languages"
    REFERENCES = "references"
    INTERESTS = "interests"
    OTHER = "other"


_HEADINGS = {
    Section.CONTACT: """
        contact, contact details, contact information, contact info, personal details, personal information, personal
        data, kontakt, kontaktdaten, persönliche daten, persönliche angaben, zur person, coordonnées, informations
        personnelles, état civil, datos personales, información personal, contacto, datos de contacto
    """,
    Section.SUMMARY: """
        summary, professional summary, profile, professional profile, personal profile, career summary, executive
        summary, about, about me, objective, career objective, personal statement, summary of qualifications, career
        profile, overview, profil, kurzprofil, über mich, zusammenfassung, profil professionnel, à propos, résumé, à
        propos de moi, perfil, perfil profesional, resumen, resumen profesional, sobre mí, extracto, objetivo
    """,
    Section.EXPERIENCE: """
        experience, work experience, professional experience, employment, employment history, work history, career
        history, relevant experience, employment experience, professional background, career, clinical experience,
        teaching experience, nursing experience, industry experience, internships, internship experience, positions
        held, experience and internships, professional history, related experience, work, other experience, additional
        experience, previous experience, legal experience, sales experience, berufserfahrung, beruflicher werdegang,
        werdegang, berufspraxis, praxiserfahrung, berufliche erfahrung, berufstätigkeit, praktika, berufliche
        laufbahn, beruflicher hintergrund, arbeitserfahrung, expérience, expériences, expérience professionnelle,
        expériences professionnelles, parcours professionnel, stages, experiencia, experiencia laboral, experiencia
        profesional, experiencias profesionales, trayectoria profesional, historial laboral, prácticas
    """,
    Section.EDUCATION: """
        education, education and training, academic background, academic qualifications, qualifications, academic
        history, educational background, education and qualifications, education and certifications, studies, academic
        education, schooling, training and education, education history, ausbildung, bildung, bildungsweg, studium,
        schulbildung, akademischer werdegang, akademische ausbildung, ausbildung und studium, schule und ausbildung,
        ausbildung und schule, schule und studium, schulausbildung, schulische ausbildung, studium und ausbildung,
        bildungswerdegang, aus und weiterbildung, formation, formations, études, diplômes, parcours académique,
        formation académique, formation et diplômes, educación, formación, formación académica, estudios, educación y
        formación, formación y estudios, datos académicos
    """,
    Section.SKILLS: """
        skills, technical skills, key skills, core skills, professional skills, skills and expertise, expertise, core
        competencies, competencies, areas of expertise, technologies, skills summary, skills and abilities, tech
        stack, technical expertise, technical proficiencies, it skills, computer skills, tools, skills and tools, key
        competencies, tools and technologies, skills and technologies, clinical skills, soft skills, hard skills,
        software skills, technical competencies, skills and interests, skills and certifications, skills and
        competencies, strengths, languages and technologies, technical knowledge, software, additional skills,
        programming languages, kenntnisse, fähigkeiten, kompetenzen, kenntnisse und fähigkeiten, edv kenntnisse, it
        kenntnisse, fachkenntnisse, fachliche kompetenzen, technische kenntnisse, besondere kenntnisse,
        kernkompetenzen, weitere kenntnisse, compétences, compétences techniques, compétences clés, savoir faire,
        compétences informatiques, compétences professionnelles, informatique, habilidades, competencias, aptitudes,
        conocimientos, habilidades técnicas, conocimientos técnicos, competencias técnicas, informática, conocimientos
        informáticos
    """,
    Section.LANGUAGES: """
        languages, language skills, sprachen, sprachkenntnisse, langues, langues étrangères, idiomas, lenguas, foreign
        languages
    """,
    Section.REFERENCES: "references, referees, referenzen, références, referencias, professional references",
    Section.INTERESTS: """
        interests, hobbies, hobbies and interests, interests and hobbies, interessen, hobbys, freizeit, hobbys und
        interessen, interessen und hobbys, loisirs, centres d'intérêt, intérêts, intereses, aficiones, personal
        interests, activities and interests, activities
    """,
    Section.OTHER: """
        projects, personal projects, key projects, selected projects, projekte, projets, proyectos, publications,
        publikationen, veröffentlichungen, publicaciones, awards, honors, honours, awards and honors, honors and
        awards, achievements, key achievements, auszeichnungen, distinctions, premios, certifications, certificates,
        licenses, licenses and certifications, certifications and licenses, licences, zertifikate, zertifizierungen,
        weiterbildung, weiterbildungen, fortbildungen, certificaciones, certificados, cursos, courses, training,
        trainings, professional development, volunteering, volunteer work, volunteer experience, voluntary work,
        ehrenamt, ehrenamtliches engagement, bénévolat, voluntariado, memberships, professional memberships,
        affiliations, professional affiliations, patents, conferences, presentations, research, additional
        information, sonstiges, weitere informationen, informations complémentaires, información adicional, otros
        datos, divers, military service, extracurricular activities, leadership, coursework, relevant coursework,
        portfolio, certification, continuing education
    """,
}


_AND = re.compile(r"\b(?:and|und|et|y|e)\b")


def letters(words: str) -> str:
    """`words` as letters alone, without case, accents and spaces: "É T U D E S :" is "etudes"."""
    plain = unicodedata.normalize("NFKD", words.casefold())
    return "".join(c for c in plain if c.isalpha())


def _without_and(words: str) -> str:
    return letters(_AND.sub(" ", words.casefold()))


SECTION_OF = {
    key: section
    for section, listed in _HEADINGS.items()
    for heading in listed.split(",")
    for key in (letters(heading), _without_and(heading))
}
# "résumé" is a French summary, but "Resume" on top of an English one is the document's own title.
del SECTION_OF["resume"]


def section_named(heading: str) -> Section | None:
    """The section that these words name as a heading, "and" or "&" aside."""
    return SECTION_OF.get(letters(heading)) or SECTION_OF.get(_without_and(heading))


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its margins and bullet; `start` and `end` are offsets in the document."""

    words: str
    start: int
    end: int
    has_bullet: bool
    after_blank: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its lines, its heading left out."""

    section: Section
    lines: tuple[Line, ...]


def read_lines(text: DocumentText) -> list[Line]:
    """Every line that holds anything, in order."""
    lines: list[Line] = []
    previous_end = 0
    for match in _LINE.finditer(text.text):
        raw = match[0]
        start = match.start() + len(raw) - len(raw.lstrip())
        words = raw.strip()
        bullet = _BULLET.match(words)
        if bullet:
            start, words = start + bullet.end(), words[bullet.end() :]
        if words:
            gap = text.text[previous_end : match.start()] if match.start() - previous_end < 8 else "\n\n"
            after_blank = not lines or gap.count("\n") > 1 or "\f" in gap
            lines.append(Line(words, start, start + len(words), bool(bullet), after_blank))
            previous_end = match.end()
    return lines


def cells(line: Line) -> list[tuple[str, int]]:
    """The parts of a line that columns, bars and dashes set apart, each with its offset."""
    found, at = [], 0
    for mark in [*_CELL_BREAK.finditer(line.words), None]:
        until = mark.start() if mark else len(line.words)
        raw = line.words[at:until]
        if piece := raw.strip(" \t\xa0,;"):
            found.append((piece, line.start + at + raw.index(piece)))
        at = mark.end() if mark else until
    return found


def part(lines: Iterable[Line]) -> list[Part]:
    """The sections in order; the first is the header, which is empty when the document opens with a heading."""
    parts: list[tuple[Section, list[Line]]] = [(Section.HEADER, [])]
    for line in lines:
        heading, rest = _heading(line, parts[-1][0])
        if heading is None:
            parts[-1][1].append(line)
        else:
            parts.append((heading, [rest] if rest else []))
    return [Part(section, tuple(held)) for section, held in parts]


def lines_of(parts: Iterable[Part], *sections: Section) -> list[Line]:
    """The lines of these sections, in the document's order."""
    return [line for held in parts if held.section in sections for line in held.lines]


def _heading(line: Line, current: Section) -> tuple[Section | None, Line | None]:
    """The section that a line opens, with what follows the heading's colon on the same line."""
    title, colon, rest = line.words[:200].partition(":")
    if line.has_bullet and (colon or current is not Section.HEADER):
        return None, None
    if len(title) <= LONGEST_HEADING and (section := section_named(title)):
        if not rest.strip():
            return (section, None) if _looks_like_heading(line, bool(colon)) else (None, None)
        if _may_run_on(section, current):
            rest = line.words[len(title) + 1 :]
            return section, Line(rest.strip(), line.end - len(rest.lstrip()), line.end, False, False)
    return None, None


def _looks_like_heading(line: Line, has_colon: bool) -> bool:
    """A heading in lower case without a colon is more often the end of a wrapped sentence, unless it stands apart."""
    return has_colon or line.after_blank or not line.words[0].islower()


def _may_run_on(section: Section, current: Section) -> bool:
    """ "Languages: Python" among skills, or "Software: SAP" in a job, labels a line; it opens no section."""
    if section is Section.SKILLS:
        return current not in (Section.EXPERIENCE, Section.SKILLS)
    if section is Section.LANGUAGES:
        return current not in (Section.EXPERIENCE, Section.SKILLS)
    return section in (Section.SUMMARY, Section.INTERESTS) and current is not Section.EXPERIENCE
