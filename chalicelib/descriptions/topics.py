"""What a stretch of a description or brief is about, and the headings that say so in four languages."""

from __future__ import annotations

import re
from enum import StrEnum

from chalicelib.resumes.sections import letters


class Topic(StrEnum):
    """What a stretch of a document is about."""

    OPENING = "opening"
    ROLE = "role"
    TASKS = "tasks"
    MUST = "must"
    NICE = "nice"
    OFFER = "offer"
    APPLY = "apply"
    COMPANY = "company"
    SUMMARY = "summary"
    BACKGROUND = "background"
    OBJECTIVES = "objectives"
    SCOPE = "scope"
    DELIVERABLES = "deliverables"
    STAKEHOLDERS = "stakeholders"
    HEADCOUNT = "headcount"
    TIMELINE = "timeline"
    BUDGET = "budget"
    RISKS = "risks"
    OTHER = "other"


_HEADINGS = {
    Topic.ROLE: """
        about the role, about the job, about the position, the role, the position, the job, job summary, role summary,
        position summary, job purpose, purpose of the role, purpose of the position, position overview, role overview,
        job overview, the opportunity, your role, main purpose of the job, die stelle, die position, über die stelle,
        ihre rolle, deine rolle, stellenbeschreibung, le poste, description du poste, à propos du poste, votre rôle,
        el puesto, sobre el puesto, descripción del puesto, tu rol, résumé du poste, resumen del puesto,
        la misión del puesto, job description
    """,
    Topic.TASKS: """
        responsibilities, key responsibilities, main responsibilities, duties, duties and responsibilities, main duties,
        key duties, essential duties, essential functions, tasks, your tasks, your responsibilities, what you will do,
        what you'll do, what you will be doing, what you'll be doing, you will, in this role you will, your mission,
        roles and responsibilities, job responsibilities, job duties, essential duties and responsibilities,
        core responsibilities, principal responsibilities, principal accountabilities, accountabilities,
        key accountabilities, key tasks, day to day, your day to day, a typical day, your day, what the job involves,
        primary responsibilities, role and responsibilities, main tasks, your impact, responsibilities include,
        what you will be responsible for, what you'll be responsible for, duties include, you'll be responsible for,
        ihre aufgaben, deine aufgaben, aufgaben, ihr aufgabengebiet, aufgabengebiet, aufgabenbereich, tätigkeiten,
        ihre tätigkeiten, hauptaufgaben, das erwartet sie, das erwartet dich, was sie erwartet, was dich erwartet,
        ihre verantwortung, deine mission, das machst du, was du bei uns machst, ihr verantwortungsbereich, deine rolle
        bei uns, ihre herausforderung, missions, vos missions, missions principales, vos missions principales,
        tes missions, vos responsabilités, responsabilités, principales responsabilités, activités principales,
        votre mission, ce que vous ferez, responsabilidades, funciones, tus funciones, funciones principales,
        tus responsabilidades, tareas, responsabilidades principales, principales funciones, qué harás, lo que harás,
        funciones y responsabilidades, tu misión, misión, principales responsabilidades, tareas principales
    """,
    Topic.MUST: """
        requirements, job requirements, key requirements, minimum requirements, must have, must haves, must have skills,
        essential, essential criteria, essential requirements, essential skills, required skills, required, required
        qualifications, required experience, minimum qualifications, basic qualifications, qualifications, your profile,
        what you bring, what you'll bring, what you will bring, who you are, about you, you have, you bring, what you
        have, what you need, what you'll need, what you will need, skills, skills required, skills and experience,
        knowledge and experience, experience and qualifications, skills and qualifications, qualifications and
        experience, experience, education, education and experience, knowledge skills and abilities,
        knowledge and skills, person specification, candidate profile, the candidate, ideal candidate,
        the ideal candidate, the successful candidate, what we are looking for, what we're looking for, who we are
        looking for, who we're looking for, we are looking for, requirements and qualifications, technical skills, soft
        skills, licences and certificates, licenses and certifications, certifications, languages, language skills,
        profile, your qualifications, your skills, you should have, you must have, skills and requirements,
        qualifications and skills, experience required, experience and skills, required skills and experience,
        ihr profil, dein profil, anforderungen, anforderungsprofil, ihre qualifikation, ihre qualifikationen, deine
        qualifikationen, deine qualifikation, profil, qualifikationen, qualifikation, das bringen sie mit, das bringst
        du mit, was sie mitbringen, was du mitbringst, sie bringen mit, du bringst mit, voraussetzungen,
        ihre voraussetzungen, das zeichnet sie aus, das zeichnet dich aus, wir erwarten, unsere anforderungen,
        muss kriterien, zwingend erforderlich, kenntnisse, fachliche anforderungen, persönliche anforderungen, das
        wünschen wir uns, damit überzeugen sie, damit überzeugst du uns, fachliche kompetenzen, profil recherché,
        votre profil, ton profil, le profil recherché, profil du candidat, profil souhaité, compétences requises,
        exigences, compétences, qualifications requises, formation et expérience, formation, expérience,
        indispensable, indispensables, qui êtes vous, prérequis, vos compétences, compétences attendues, votre
        expérience, requisitos, requisitos mínimos, requisitos imprescindibles, imprescindible, perfil, tu perfil,
        perfil buscado, perfil requerido, qué buscamos, lo que buscamos, formación y experiencia, formación,
        experiencia, competencias, conocimientos, requerimientos, perfil del candidato, requisitos del puesto,
        qué necesitas, habilidades, idiomas, lo que aportas
    """,
    Topic.NICE: """
        nice to have, nice to haves, bonus, bonus points, bonus skills, bonus points for, desirable, desirable criteria,
        desirable skills, desired, desired skills, preferred, preferred qualifications, preferred skills, preferred
        experience, a plus, pluses, plus, extra credit, it's a plus if, it would be great if you have, additional
        advantage, advantageous, good to have, would be nice, desired qualifications, you might also have,
        it would be a plus, desirable experience, nice to have skills, von vorteil, wünschenswert, idealerweise,
        nice to haves sind, das wäre schön, pluspunkte, bonuspunkte, von vorteil sind, wünschenswert sind, kann
        kriterien, zusätzlich wünschenswert, darüber freuen wir uns, gern gesehen, un plus, les plus, atouts, vos
        atouts, serait un plus, seraient un plus, souhaité, souhaités, atout, ce serait un plus, apprécié,
        appréciés, compétences appréciées, deseable, deseables, requisitos deseables, se valora, se valorará,
        valorable, se valorará positivamente, plus valorable, conocimientos deseables, puntos extra, valoramos,
        se valoran
    """,
    Topic.OFFER: """
        benefits, perks, what we offer, we offer, our offer, perks and benefits, benefits and perks, compensation,
        what's
        in it for you, why join us, why work with us, our benefits, salary and benefits, compensation and benefits,
        rewards, salary, what you get, what you'll get, package, pay and benefits, remuneration, wir bieten,
        wir bieten ihnen, wir bieten dir, unser angebot, das bieten wir, das bieten wir ihnen, das bieten wir dir, was
        wir bieten, was wir ihnen bieten, ihre vorteile, deine vorteile, vorteile, unsere leistungen, vergütung, gehalt,
        nous offrons, nous vous offrons, ce que nous offrons, nos avantages, avantages, vos avantages, rémunération,
        nous proposons, ce que nous proposons, ce que nous vous proposons, conditions, ofrecemos, qué ofrecemos, te
        ofrecemos, se ofrece, beneficios, condiciones, lo que ofrecemos, nuestra oferta, salario
    """,
    Topic.APPLY: """
        how to apply, apply, apply now, application, application process, to apply, contact, next steps, interested,
        equal opportunities, equal opportunity, closing date, application deadline, bewerbung, ihre bewerbung, deine
        bewerbung, jetzt bewerben, interessiert, interesse, kontakt, haben wir ihr interesse geweckt, ihr kontakt,
        bewerbungsprozess, candidature, postuler, comment postuler, pour postuler, cómo aplicar, cómo postular,
        contacto,
        candidatura, cómo inscribirse, interesado, inscripción, processus de recrutement
    """,
    Topic.COMPANY: """
        about us, about the company, who we are, our company, the company, about the team, the team, your team, our
        team,
        company overview, company description, about, über uns, wer wir sind, das unternehmen, unser unternehmen, das
        sind wir, wir über uns, à propos de nous, qui sommes nous, l'entreprise, notre entreprise, à propos, sobre
        nosotros, quiénes somos, la empresa, nuestra empresa, sobre la empresa, l'équipe, das team, el equipo
    """,
    Topic.SUMMARY: """
        project summary, executive summary, summary, overview, project overview, project description, in brief,
        projektbeschreibung, zusammenfassung, kurzbeschreibung, projektüberblick, résumé du projet, description du
        projet, présentation du projet, en bref, résumé, resumen del proyecto, descripción del proyecto, resumen,
        descripción general, resumen ejecutivo
    """,
    Topic.BACKGROUND: """
        background, context, project background, background and context, business context, business case, hintergrund,
        ausgangslage, ausgangssituation, projekthintergrund, kontext, contexte, contexte du projet, antecedentes,
        contexto, contexto del proyecto
    """,
    Topic.OBJECTIVES: """
        objectives, project objectives, goals, project goals, aims, aims and objectives, goals and objectives, success
        criteria, ziele, projektziele, zielsetzung, projektziel, ziel, objectifs, objectifs du projet, objetivos,
        objetivos del proyecto, objetivo
    """,
    Topic.SCOPE: """
        scope, project scope, in scope, out of scope, scope of the project, umfang, projektumfang, leistungsumfang,
        périmètre, périmètre du projet, alcance, alcance del proyecto
    """,
    Topic.DELIVERABLES: """
        deliverables, key deliverables, project deliverables, outputs, ergebnisse, lieferergebnisse, liefergegenstände,
        projektergebnisse, livrables, livrables attendus, entregables, entregables principales
    """,
    Topic.STAKEHOLDERS: """
        stakeholders, key stakeholders, stakeholder, project team, governance, projektbeteiligte, beteiligte,
        ansprechpartner, projektteam, parties prenantes, équipe projet, interesados, partes interesadas, equipo del
        proyecto, gobernanza
    """,
    Topic.HEADCOUNT: """
        headcount, hiring plan, roles, roles needed, roles required, roles to fill, roles wanted, positions to fill,
        open roles, open positions, staffing, staffing plan, staffing needs, hiring needs, resource plan, resourcing,
        recruitment plan, team needed, people needed, required roles, positions needed, hires, target hires, vacancies,
        personalbedarf, gesuchte rollen, zu besetzende stellen, benötigte rollen, einstellungsplan, stellenplan, rollen,
        gesuchte profile, effectifs, plan de recrutement, postes à pourvoir, profils recherchés, besoins en
        recrutement, postes recherchés, plan de contratación, puestos a cubrir, perfiles buscados, perfiles
        requeridos, plantilla, vacantes, roles requeridos
    """,
    Topic.TIMELINE: """
        timeline, time line, schedule, milestones, key dates, project timeline, timescale, timescales, timeframe, dates,
        zeitplan, meilensteine, termine, zeitrahmen, projektlaufzeit, calendrier, planning, échéances, jalons,
        calendario, cronograma, plazos, hitos
    """,
    Topic.BUDGET: "budget, project budget, fees, budget and fees, kosten, presupuesto, honoraires, honorar",
    Topic.RISKS: """
        risks, risks and assumptions, assumptions, constraints, assumptions and constraints, risks and issues,
        dependencies, risiken, annahmen, rahmenbedingungen, risques, contraintes, hypothèses, riesgos, supuestos,
        restricciones
    """,
}
_AND = re.compile(r"\b(?:and|und|et|y|e)\b|&")
_NUMBER = re.compile(r"(?:\(?\d{1,2}(?:\.\d{1,2})?[.)]?|[A-Ha-h][.)])\s{1,4}")


def _key(heading: str) -> str:
    return letters(_AND.sub(" ", _NUMBER.sub("", heading.strip().casefold(), count=1)))


# A heading that two topics list belongs to the later one.
TOPIC_OF = {_key(heading): topic for topic, listed in _HEADINGS.items() for heading in listed.split(",")}


def topic_named(heading: str) -> Topic | None:
    """The topic that these words name as a heading; case, numbering, punctuation and "and" aside."""
    return TOPIC_OF.get(_key(heading))
