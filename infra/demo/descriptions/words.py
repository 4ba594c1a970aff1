"""What the sample descriptions say. People, companies and places of work are made up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with its paragraphs, then its bullets."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """A document: its title, a block of labelled facts, its sections."""

    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Part, ...]


SITE_MANAGER = Description(
    "Site Manager – Residential",
    (
        ("Location", "Leeds, United Kingdom"),
        ("Department", "Building North"),
        ("Salary", "£52,000 – £60,000 per annum"),
        ("Employment type", "Permanent, full-time"),
        ("Number of positions", "2"),
    ),
    (
        Part(
            "About the role",
            (
                "Northgate Construction is looking for two site managers to lead the building of 180 homes on the old "
                "tram works in south Leeds. You will be the person on site whom trades, neighbours and the client turn "
                "to, from the first foundation to the last key.",
            ),
        ),
        Part(
            "Key responsibilities",
            points=(
                "Run the daily work of up to 60 trades on site, with a programme that you keep with the planner and "
                "that everybody on site can read",
                "Keep the site safe: inductions, toolbox talks, permits and the weekly inspection with the safety "
                "adviser",
                "Agree variations with the quantity surveyor before the work is done, not after",
                "Check the quality of each plot against the building regulations and NHBC standards",
                "Report progress, cost and risks to the contracts manager every Friday",
            ),
        ),
        Part(
            "Requirements",
            points=(
                "At least 7 years of experience in residential construction, three of them in charge of a site of "
                "more than 50 homes",
                "SMSTS certificate and a black CSCS card (essential)",
                "First Aid at Work",
                "Sound knowledge of the building regulations and of the CDM Regulations 2015",
                "Confident use of Asta Powerproject or Microsoft Project",
                "Full UK driving licence",
            ),
        ),
        Part(
            "Desirable",
            points=(
                "HND or degree in construction management",
                "Experience of timber frame",
            ),
        ),
        Part(
            "What we offer",
            points=("A company car or an allowance of £6,000", "26 days of holiday and bank holidays", "Pension of 8%"),
        ),
        Part(
            "How to apply",
            ("Send your CV to the address in our letter by 30 June. Northgate is an equal opportunity employer.",),
        ),
    ),
)

NURSE = Description(
    "Pflegefachkraft (m/w/d) Innere Medizin",
    (
        ("Standort", "Hamburg"),
        ("Abteilung", "Kardiologie"),
        ("Arbeitszeit", "Vollzeit"),
        ("Gehalt", "44.000 € – 51.000 € im Jahr"),
    ),
    (
        Part(
            "Über uns",
            ("Das Krankenhaus am Elbufer behandelt mit 900 Mitarbeitenden jedes Jahr 31.000 Menschen.",),
        ),
        Part(
            "Ihre Aufgaben",
            points=(
                "Grund- und Behandlungspflege auf einer Station mit 28 Betten",
                "Überwachung am Monitor und Vorbereitung von Herzkatheteruntersuchungen",
                "Anleitung von Auszubildenden",
                "Dokumentation in unserem elektronischen System",
            ),
        ),
        Part(
            "Ihr Profil",
            points=(
                "Abgeschlossene Ausbildung als Pflegefachfrau, Pflegefachmann oder Gesundheits- und Krankenpfleger/in",
                "Mindestens zwei Jahre Berufserfahrung in der Inneren Medizin",
                "Deutsch auf dem Niveau B2",
                "Bereitschaft zum Schichtdienst (zwingend)",
                "Eine Weiterbildung zur Praxisanleitung ist von Vorteil",
            ),
        ),
        Part("Wünschenswert", points=("Erfahrung mit dem Programm ORBIS", "Fachweiterbildung Kardiologie")),
        Part(
            "Wir bieten", points=("30 Tage Urlaub", "Zuschuss zum Deutschlandticket", "Dienstplan vier Wochen voraus")
        ),
        Part("Bewerbung", ("Wir freuen uns auf Ihre Bewerbung bis zum 15. September.",)),
    ),
)

BRIEF = Description(
    "Recruitment Project Brief",
    (
        ("Project name", "Riverside Hospital Wing"),
        ("Client", "Northgate Health Trust"),
        ("Sector", "Healthcare"),
        ("Location", "Bradford, United Kingdom"),
        ("Priority", "High"),
        ("Start date", "March 2025"),
        ("End date", "September 2025"),
        ("Target hires", "42"),
    ),
    (
        Part(
            "Background",
            (
                "The trust opens a new wing of 60 beds in the autumn and has no permanent staff for it. Agency cover "
                "for the first winter alone would cost three times as much as hiring now.",
            ),
        ),
        Part("Objectives", points=("All posts filled before the wing opens", "Agency cost under 5% of the pay bill")),
        Part("Scope", ("Sourcing, screening, interviews and offers. Onboarding stays with the trust.",)),
        Part(
            "Hiring plan",
            points=("24 Staff Nurses", "6 x Charge Nurses (nights)", "10 Healthcare Assistants", "2 Pharmacists"),
        ),
        Part("Stakeholders", points=("Director of Nursing", "HR business partner of the trust")),
        Part("Deliverables", points=("A shortlist for each post", "A report every Friday")),
    ),
)
