"""Labelled values ("Location: Berlin", a table's "Department | Sales"), in four languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from chalicelib.descriptions.topics import topic_named
from chalicelib.resumes.fields import Found, found
from chalicelib.resumes.sections import Line, letters
from chalicelib.resumes.text import DocumentText

LONGEST_LABEL, LONGEST_VALUE = 45, 200
_CELL = re.compile(r"\t+|[ ]{3,}|\s?[|¦│•·●▪]\s?")
_NOTHING = re.compile(
    r"(?:n/?a|tbc|tbd|to be (?:confirmed|decided|agreed)|[-–—.]{1,5}|none|offen|à définir|por definir)$", re.I
)


class Label(StrEnum):
    """What a label announces."""

    TITLE = "title"
    DEPARTMENT = "department"
    LOCATION = "location"
    EMPLOYMENT = "employment"
    SALARY = "salary"
    OPENINGS = "openings"
    EXPERIENCE = "experience"
    PROJECT = "project"
    CLIENT = "client"
    SECTOR = "sector"
    SUMMARY = "summary"
    HIRES = "hires"
    PRIORITY = "priority"
    STARTS = "starts"
    ENDS = "ends"
    DURATION = "duration"
    ROLES = "roles"


_LABELS = {
    Label.TITLE: """
        job title, position title, role title, title, position, role, post, job, vacancy, job role, stelle,
        stellentitel,
        stellenbezeichnung, jobtitel, berufsbezeichnung, funktion, poste, intitulé du poste, intitulé, titre du poste,
        puesto, cargo, título del puesto, nombre del puesto, puesto de trabajo, post title, position name, fonction,
        offre d'emploi, oferta de empleo, stellenausschreibung, job description, position description, fiche de poste,
        descripción del puesto, job posting, stellenanzeige, stellenbeschreibung, oferta de trabajo, job opening
    """,
    Label.DEPARTMENT: """
        department, dept, team, division, business unit, function, directorate, abteilung, bereich, fachbereich,
        geschäftsbereich, département, service, direction, pôle, departamento, área, equipo, équipe, unit
    """,
    Label.LOCATION: """
        location, job location, base, work location, place of work, based in, based at, office, site, city, workplace,
        locations, standort, arbeitsort, einsatzort, dienstort, ort, lieu, lieu de travail, localisation, ville, lieu du
        poste, ubicación, lugar, lugar de trabajo, localidad, ciudad, localización, project location, centro de trabajo
    """,
    Label.EMPLOYMENT: """
        employment type, type, job type, contract type, contract, type of contract, employment, hours, working hours,
        working pattern, schedule, employment status, beschäftigungsart, anstellungsart, vertragsart, arbeitszeit,
        umfang, type de contrat, contrat, temps de travail, tipo de contrato, contrato, jornada, modalidad, basis,
        tipo de jornada, position type, anstellung
    """,
    Label.SALARY: """
        salary, salary range, pay, pay range, compensation, compensation range, remuneration, rate, hourly rate, day
        rate, salary band, base salary, annual salary, pay rate, gehalt, jahresgehalt, vergütung, gehaltsspanne,
        jahresbruttogehalt, gehaltsrahmen, lohn, rémunération, salaire, salaire annuel, salario, retribución, sueldo,
        rango salarial, banda salarial, salaire brut annuel, remuneración, hourly pay, package, grade and salary
    """,
    Label.OPENINGS: """
        openings, number of openings, vacancies, number of vacancies, number of positions, positions available,
        positions,
        no of positions, no of vacancies, number of posts, headcount, anzahl stellen, anzahl der stellen, anzahl,
        freie stellen, stellenanzahl, nombre de postes, postes à pourvoir, número de vacantes, vacantes, plazas,
        número de plazas, posts, number of hires
    """,
    Label.EXPERIENCE: """
        experience, years of experience, experience required, minimum experience, required experience, berufserfahrung,
        erfahrung, expérience, expérience requise, expérience souhaitée, experiencia, experiencia mínima, años de
        experiencia, experience level, experiencia requerida
    """,
    Label.PROJECT: """
        project, project name, project title, name of project, name, projekt, projektname, projekttitel,
        projektbezeichnung, projet, nom du projet, intitulé du projet, titre du projet, proyecto, nombre del proyecto,
        título del proyecto, engagement, assignment, project brief, hiring brief, recruitment brief, projektbrief,
        brief de projet, brief projet, brief del proyecto, note de cadrage, fiche projet, ficha de proyecto, ficha del
        proyecto, projektsteckbrief, recruitment project brief, staffing brief, engagement brief, talent brief,
        client project brief, briefing de proyecto, projektauftrag, recruiting project brief, brief de proyecto
    """,
    Label.CLIENT: """
        client, client name, customer, company, kunde, auftraggeber, auftraggeberin, kundin, mandant, unternehmen,
        client final, entreprise, donneur d'ordre, cliente, empresa, prepared for
    """,
    Label.SECTOR: """
        sector, industry, branche, industrie, wirtschaftszweig, secteur, secteur d'activité, industria, sektor
    """,
    Label.SUMMARY: "summary, project summary, description, in brief, kurzbeschreibung, résumé, resumen, beschreibung",
    Label.HIRES: """
        target hires, hires, headcount, target headcount, planned hires, total hires, number of hires, hiring target,
        total headcount, positions to fill, planned headcount, people to hire, hires planned, personalbedarf,
        geplante einstellungen, anzahl einstellungen, einstellungen, zu besetzende stellen, effectif cible, effectif,
        nombre de recrutements, recrutements prévus, postes à pourvoir, contrataciones previstas, contrataciones,
        número de contrataciones, vacantes, plazas a cubrir, openings, hires needed, embauches prévues
    """,
    Label.PRIORITY: """
        priority, project priority, priorität, dringlichkeit, priorité, prioridad, urgency, urgence, urgencia
    """,
    Label.STARTS: """
        start, start date, project start, kick off, kickoff, kick off date, begins, starting, projektstart, beginn,
        projektbeginn, startdatum, début, date de début, démarrage, date de démarrage, inicio, fecha de inicio, starts
    """,
    Label.ENDS: """
        end, end date, project end, completion, completion date, deadline, target date, finish, ends, projektende, ende,
        enddatum, fin, date de fin, échéance, fecha de fin, fecha límite, finalización, fecha de finalización, due date
    """,
    Label.DURATION: """
        duration, period, project period, timeline, dates, project dates, timeframe, time frame, laufzeit, zeitraum,
        projektlaufzeit, durée, période, calendrier, duración, periodo, período, plazo, zeitplan
    """,
    Label.ROLES: """
        roles, roles needed, roles required, roles to fill, positions needed, rollen, gesuchte rollen, benötigte rollen,
        profils recherchés, postes recherchés, perfiles buscados, roles requeridos, puestos a cubrir, gesuchte profile,
        open roles, roles wanted, perfiles requeridos
    """,
}

Labels = dict[Label, list[Found[str]]]


def _spellings(listed: str) -> frozenset[str]:
    return frozenset(letters(spelling) for spelling in listed.split(","))


_SPELLINGS = {label: _spellings(listed) for label, listed in _LABELS.items()}
_LONGEST_SPELLING = max(len(spelling) for spellings in _SPELLINGS.values() for spelling in spellings)


def read_labels(text: DocumentText, lines: Iterable[Line]) -> Labels:
    """Every labelled value of these lines by what its label announces, in the document's order."""
    labels: Labels = {label: [] for label in Label}
    waiting: list[Label] = []
    for line in lines:
        pairs = list(_pairs(line))
        if waiting and not pairs and not line.has_bullet and topic_named(line.words) is None:
            _keep(text, labels, waiting, line.words, line.start)
        waiting = []
        for named, value, start in pairs:
            if value:
                _keep(text, labels, named, value, start)
            else:
                waiting = named
    return labels


def is_labelled(line: Line) -> bool:
    """Whether a line begins with a label and its value."""
    return ":" in line.words[: LONGEST_LABEL + 2] and any(value for _, value, _ in _pairs(line))


def _keep(text: DocumentText, labels: Labels, named: list[Label], value: str, start: int) -> None:
    value = value[:LONGEST_VALUE].rstrip(" ,;")
    if value and not _NOTHING.match(value) and any(c.isalnum() for c in value):
        for label in named:
            labels[label].append(found(text, " ".join(value.split()), start, start + len(value)))


def _pairs(line: Line) -> Iterator[tuple[list[Label], str, int]]:
    """The labels of a line with their values and the values' offsets; a label alone has an empty value."""
    waiting: list[Label] = []
    for piece, start in _cells(line):
        title, colon, rest = piece[: LONGEST_LABEL + LONGEST_VALUE].partition(":")
        named = _named(title) if len(title) <= LONGEST_LABEL else []
        if waiting and not (colon and named):
            yield waiting, piece, start
            waiting = []
        elif named and colon and rest.strip():
            yield named, rest.strip(), start + len(title) + 1 + len(rest) - len(rest.lstrip())
        elif named and (colon or "\t" in line.words or "|" in line.words):
            waiting = named
    if waiting:
        yield waiting, "", line.end


def _named(title: str) -> list[Label]:
    spelling = letters(title)
    if not spelling or len(spelling) > _LONGEST_SPELLING:
        return []
    return [label for label, spellings in _SPELLINGS.items() if spelling in spellings]


def _cells(line: Line) -> Iterator[tuple[str, int]]:
    at = 0
    for mark in [*_CELL.finditer(line.words), None]:
        until = mark.start() if mark else len(line.words)
        raw = line.words[at:until]
        if piece := raw.strip():
            yield piece, line.start + at + raw.index(piece)
        at = mark.end() if mark else until
