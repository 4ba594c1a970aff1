"""Position descriptions of many trades in four languages, with what a person reads in them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """What a description states. `musts` and `nices` are the beginnings of the requirements, in order."""

    text: str
    title: str
    musts: tuple[str, ...]
    nices: tuple[str, ...] = ()
    tasks: int = 0
    location: str | None = None
    department: str | None = None
    years: int | None = None
    employment: str | None = None
    openings: int | None = None
    salary: tuple[float | None, float | None, str | None] = (None, None, None)


NURSE = Said(
    """Senior Staff Nurse, Intensive Care

Location: Leeds, United Kingdom
Department: Critical Care
Employment type: Full-time, permanent
Salary: £38,500 – £45,200 per annum

About the role
We are looking for an experienced nurse to join our intensive care unit of 18 beds. You will lead
a shift of six nurses and report to the ward manager.

Responsibilities
• Care for critically ill patients, including those on ventilation and renal replacement
  therapy.
• Supervise and teach newly qualified nurses.
• Keep accurate records in our electronic system.

Requirements
• Registered Nurse with a current NMC registration (essential)
• At least 5 years of nursing experience, ideally in intensive care
• Advanced Life Support certificate

Nice to have
• Mentorship qualification
• Experience with Epic

What we offer
• 33 days of holiday
• A training budget of £1,500 a year

Apply by 30 June with your CV.
""",
    title="Senior Staff Nurse, Intensive Care",
    musts=("Registered Nurse with", "At least 5 years", "Advanced Life Support"),
    nices=("Mentorship", "Experience with Epic"),
    tasks=3,
    location="Leeds, United Kingdom",
    department="Critical Care",
    years=5,
    employment="full_time",
    salary=(38500, 45200, "GBP"),
)

DEVELOPER = Said(
    """Job Title: Backend Engineer (Python)
Team: Payments
Location: Remote (EU)
Compensation: USD 120k-150k

Who we are
Tidewater moves money for 4,000 shops. We have 12 years of experience in payments.

What you'll do
- Design and run services in Python and PostgreSQL
- Review code and mentor two juniors
- Take part in on-call, one week in six

What you bring
- 5+ years of experience building web services
- Solid SQL; PostgreSQL preferred
- Experience with AWS (Lambda, SQS)
- Experience with Terraform is a plus
- Fluent English

Bonus points
- You have written Rust
""",
    title="Backend Engineer (Python)",
    musts=("5+ years", "Solid SQL", "Experience with AWS", "Fluent English"),
    nices=("Experience with Terraform", "You have written Rust"),
    tasks=3,
    location="Remote (EU)",
    department="Payments",
    years=5,
    salary=(120000, 150000, "USD"),
)

ELECTRICIAN = Said(
    """Elektroniker für Betriebstechnik (m/w/d)
Nordlicht Anlagenbau GmbH | 20095 Hamburg | Vollzeit

Wir suchen zum nächstmöglichen Zeitpunkt 2x Verstärkung für unser Serviceteam.
Sie warten und reparieren Anlagen bei unseren Kunden in Norddeutschland.

Ihre Aufgaben:
- Wartung und Instandsetzung von Schaltanlagen
- Fehlersuche an SPS-Steuerungen (z. B. Siemens S7)
- Dokumentation der Arbeiten

Ihr Profil:
- Abgeschlossene Ausbildung als Elektroniker für Betriebstechnik oder vergleichbar
- Mindestens 3 Jahre Berufserfahrung in der Instandhaltung
- Führerschein Klasse B (zwingend erforderlich)
- Kenntnisse in TIA Portal sind von Vorteil
- Idealerweise Englischkenntnisse

Wir bieten:
- 42.000 € – 50.000 € Jahresgehalt
- 30 Tage Urlaub

Bewerben Sie sich unter bewerbung@nordlicht.example
""",
    title="Elektroniker für Betriebstechnik",
    musts=("Abgeschlossene Ausbildung", "Mindestens 3 Jahre", "Führerschein"),
    nices=("Kenntnisse in TIA", "Idealerweise"),
    tasks=3,
    location="Hamburg",
    years=3,
    employment="full_time",
    salary=(42000, 50000, "EUR"),
)

ACCOUNTANT_FR = Said(
    """Comptable général (H/F)

Lieu : Lyon
Type de contrat : CDI
Rémunération : 32 000 € à 38 000 € brut annuel

Nous recherchons un comptable pour notre siège de Lyon, au sein d'une équipe de cinq personnes.

Vos missions :
• Tenir la comptabilité générale et auxiliaire
• Préparer les déclarations de TVA
• Participer à la clôture mensuelle

Profil recherché :
• Bac +2 en comptabilité (BTS, DCG)
• Au moins 2 ans d'expérience sur un poste similaire
• Maîtrise d'Excel
• La connaissance de Sage serait un plus

Pour postuler, envoyez votre CV à recrutement@exemple.example.
""",
    title="Comptable général",
    musts=("Bac +2", "Au moins 2 ans", "Maîtrise d'Excel"),
    nices=("La connaissance de Sage",),
    tasks=3,
    location="Lyon",
    years=2,
    employment="permanent",
    salary=(32000, 38000, "EUR"),
)

SALES_ES = Said(
    """Oferta de empleo: Responsable de ventas
Ubicación: Valencia, España
Departamento: Comercial
Vacantes: 2

Buscamos una persona con iniciativa para dirigir nuestro equipo comercial en la zona de Levante.

Funciones:
- Dirigir un equipo de ocho comerciales
- Preparar el presupuesto anual de ventas
- Visitar a los clientes principales

Requisitos:
- Al menos 4 años de experiencia en ventas
- Carné de conducir
- Inglés alto

Deseable:
- Francés
- Experiencia con Salesforce

Ofrecemos:
- Contrato indefinido, jornada completa
- Salario: 35.000 € - 42.000 € brutos anuales
""",
    title="Responsable de ventas",
    musts=("Al menos 4 años", "Carné de conducir", "Inglés alto"),
    nices=("Francés", "Experiencia con Salesforce"),
    tasks=3,
    location="Valencia, España",
    department="Comercial",
    years=4,
    employment="full_time",
    openings=2,
    salary=(35000, 42000, "EUR"),
)

CHEF = Said(
    """We're hiring: Sous Chef

The Larkspur Kitchen, Brighton

You will run the evening service with our head chef and train two commis chefs. The kitchen is open five days a
week.

Key responsibilities
Prepare and cook dishes to the standard of the house.
Order stock and keep waste under three per cent.
Keep the kitchen to hygiene level five.

Essential
Two years as a chef de partie.
Food Hygiene Level 3 certificate.

Desirable
Experience with pastry.

Pay: £15.50 per hour plus tips. Full-time.
""",
    title="Sous Chef",
    musts=("Two years as", "Food Hygiene"),
    nices=("Experience with pastry",),
    tasks=3,
    years=2,
    salary=(15.5, 15.5, "GBP"),
)

WAREHOUSE = Said(
    """VACANCY NOTICE
3x Forklift Driver - Night Shift
Location: Rotterdam

We are seeking three forklift drivers for our distribution centre.

DUTIES
* Load and unload lorries
* Move pallets safely between halls

REQUIREMENTS
* Valid forklift licence
* 1-2 years' experience in a warehouse
* Able to work nights
* Reach truck certificate preferred

HOW TO APPLY
Call Anna on the number below.
""",
    title="Forklift Driver - Night Shift",
    musts=("Valid forklift licence", "1-2 years' experience", "Able to work nights"),
    nices=("Reach truck certificate",),
    tasks=2,
    location="Rotterdam",
    years=1,
    openings=3,
)

TEACHER_DE = Said(
    """Stellenausschreibung

Lehrkraft für Mathematik und Physik (w/m/d)

Standort: Freiburg
Arbeitszeit: Teilzeit, 20 Stunden

Unsere Schule besuchen 640 Kinder und Jugendliche, die von 55 Lehrkräften unterrichtet werden.

Deine Aufgaben
• Unterricht in den Klassen 5 bis 12
• Betreuung der Schülerfirma

Das bringst du mit
• Zweites Staatsexamen in Mathematik und Physik
• Freude an der Arbeit im Team

Wünschenswert
• Erfahrung mit digitalen Tafeln

Wir freuen uns auf deine Bewerbung bis 15. Mai.
""",
    title="Lehrkraft für Mathematik und Physik",
    musts=("Zweites Staatsexamen", "Freude an"),
    nices=("Erfahrung mit digitalen",),
    tasks=2,
    location="Freiburg",
    employment="part_time",
)

CONTROLLER_DE = Said(
    """Für unseren Standort in Stuttgart suchen wir einen Controller (m/w/d).

Was Sie erwartet
- Monatsabschlüsse und Abweichungsanalysen
- Aufbau eines Berichtswesens in Power BI

Was Sie mitbringen
- Studium der Betriebswirtschaft
- 5-7 Jahre Erfahrung im Controlling eines Industrieunternehmens
- Sehr gute Kenntnisse in SAP CO, SQL wünschenswert
- Verhandlungssicheres Englisch, Französisch von Vorteil

Unser Angebot
- Jahresgehalt 65-75 k€
""",
    title="Controller",
    musts=("Studium", "5-7 Jahre", "Sehr gute Kenntnisse", "Verhandlungssicheres"),
    tasks=2,
    location="Stuttgart",
    years=5,
    salary=(65000, 75000, "EUR"),
)

TWO_POSITIONS = Said(
    """Northgate Construction: open positions in Leeds
Location: Leeds

1. Site Manager

Responsibilities
• Run a site of 40 trades
• Keep the programme and the budget of £6m

Requirements
• 10 years of experience in construction
• SMSTS certificate

2. Quantity Surveyor
Location: Manchester
Salary: £45,000 - £55,000

Responsibilities
• Measure and value works

Requirements
• Degree in quantity surveying
• Membership of RICS desirable
""",
    title="Site Manager",
    musts=("10 years", "SMSTS"),
    tasks=2,
    location="Leeds",
    years=10,
)

KNOWN = {
    "nurse": NURSE,
    "developer": DEVELOPER,
    "electrician": ELECTRICIAN,
    "accountant_fr": ACCOUNTANT_FR,
    "sales_es": SALES_ES,
    "chef": CHEF,
    "warehouse": WAREHOUSE,
    "teacher_de": TEACHER_DE,
    "controller_de": CONTROLLER_DE,
    "two_positions": TWO_POSITIONS,
}
