"""Position descriptions written after the rules and measured before any rule was changed for them."""

from __future__ import annotations

from tests.chalicelib.descriptions.position_texts import Said

MARKETING = Said(
    """Brightline Studios

Marketing Manager

Boston, MA | Full-time | $85,000 - $100,000 per year

About us
Brightline makes films for museums. Since 2004 we have grown to 60 people.

The role
Brightline is looking for a marketing manager who will own our campaigns from first idea to final report and work
closely with the sales team in New York.

What you will be doing
- Plan and run campaigns over email, search and social media
- Manage a yearly budget of $400,000
- Report to the Director of Sales

Who you are
- Minimum of six years in marketing, three of them in B2B
- Confident with HubSpot and Google Analytics
- Excellent writer
- Spanish is a bonus

Benefits
- Health insurance and a 401(k) match
- $1,000 learning allowance

Brightline is an equal opportunity employer.
""",
    title="Marketing Manager",
    musts=("Minimum of six years", "Confident with", "Excellent writer"),
    nices=("Spanish is a bonus",),
    tasks=3,
    location="Boston, MA",
    years=6,
    employment="full_time",
    salary=(85000, 100000, "USD"),
)

CARER_FR = Said(
    """Fiche de poste

Intitulé du poste : Aide-soignant(e)
Service : Gériatrie
Lieu de travail : 35000 Rennes
Nombre de postes : 3
Contrat : CDD de 6 mois, temps plein

Description du poste
Au sein d'une équipe pluridisciplinaire, vous accompagnez les résidents dans les actes de la vie quotidienne.

Responsabilités
- Assurer les soins d'hygiène et de confort
- Transmettre les observations à l'infirmière
- Participer aux animations

Compétences requises
- Diplôme d'État d'aide-soignant obligatoire
- Sens de l'écoute
- Une première expérience en EHPAD est appréciée

Un plus
- Formation aux gestes d'urgence (AFGSU 2)
""",
    title="Aide-soignant(e)",
    musts=("Diplôme d'État", "Sens de l'écoute"),
    nices=("Une première expérience", "Formation aux gestes"),
    tasks=3,
    location="35000 Rennes",
    department="Gériatrie",
    employment="full_time",
    openings=3,
)

DATA_ES = Said(
    """Analista de datos

Madrid | Híbrido

Soluciones Iberia busca un analista de datos para su equipo de operaciones. Trabajarás con datos de 200 tiendas.

Qué harás
• Crear cuadros de mando en Power BI
• Automatizar informes con Python

Qué buscamos
• Grado en Matemáticas, Estadística o similar
• Mínimo 3 años de experiencia con SQL
• Inglés B2
• Se valorará conocimiento de dbt

Qué ofrecemos
• Salario de 30.000 a 36.000 euros brutos al año
• Dos días de teletrabajo

Envía tu CV a empleo@iberia.example antes del 1 de marzo.
""",
    title="Analista de datos",
    musts=("Grado en Matemáticas", "Mínimo 3 años", "Inglés B2"),
    nices=("Se valorará",),
    tasks=2,
    location="Madrid",
    years=3,
    salary=(30000, 36000, "EUR"),
)

CLERK_DE = Said(
    """Sachbearbeiter Einkauf (m/w/d) in München

Die Isarwerke AG fertigt seit 1962 Pumpen für die Lebensmittelindustrie.

Aufgaben
- Bestellungen auslösen und Liefertermine überwachen
- Angebote einholen und vergleichen
- Stammdaten pflegen

Qualifikation
- Kaufmännische Ausbildung
- Erste Berufserfahrung im Einkauf
- Sicherer Umgang mit MS Office; SAP-Kenntnisse von Vorteil
- Gute Deutschkenntnisse

Vorteile
- Tariflohn, 35-Stunden-Woche
- Kantine

Bewerbungsfrist: 31.08.
""",
    title="Sachbearbeiter Einkauf",
    musts=("Kaufmännische Ausbildung", "Erste Berufserfahrung", "Sicherer Umgang", "Gute Deutschkenntnisse"),
    tasks=3,
    location="München",
)

TRUCK = Said(
    """HGV Class 1 Driver wanted
Hollins Haulage, Bradford

We have two vacancies for drivers on our day trunking routes. Monday to Friday, home every night. £17.20 an hour.

You will
- Drive between our depots in Bradford and Hull
- Check your vehicle every day

You must have
- HGV Class 1 licence with no more than six points
- Driver CPC and digital tachograph card
- At least 12 months' experience on artics

ADR would be an advantage.

To apply, ring Sue.
""",
    title="HGV Class 1 Driver",
    musts=("HGV Class 1 licence", "Driver CPC", "At least 12 months'"),
    nices=("ADR would be",),
    tasks=2,
    openings=2,
    salary=(17.2, 17.2, "GBP"),
)

UNSEEN = {
    "marketing": MARKETING,
    "carer_fr": CARER_FR,
    "data_es": DATA_ES,
    "clerk_de": CLERK_DE,
    "truck": TRUCK,
}

PHARMACIST = Said(
    """JOB ADVERTISEMENT

Post: Community Pharmacist
Reporting to: Superintendent Pharmacist
Base: Swansea
Hours: 22.5 hours per week, part-time
Pay band: £24 - £27 per hour

PURPOSE OF THE ROLE
To provide a safe and friendly dispensing service to our patients in Swansea and to support the team of four
dispensers.

MAIN DUTIES
1. Check prescriptions and supply medicines safely.
2. Offer vaccinations and the blood pressure service.
3. Train the team.

PERSON SPECIFICATION
Essential:
- Registered with the GPhC
- Good communication skills
Desirable:
- Independent prescriber
- Welsh speaker

CLOSING DATE: 12 October
""",
    title="Community Pharmacist",
    musts=("Registered with", "Good communication"),
    nices=("Independent", "Welsh speaker"),
    tasks=3,
    location="Swansea",
    employment="part_time",
    salary=(24, 27, "GBP"),
)

PRODUCT_DE = Said(
    """Wir suchen Dich als

Product Owner (all genders) - E-Commerce

in Köln oder remote

Bei uns kaufen jeden Monat zwei Millionen Menschen Fahrräder und Zubehör. Seit 15 Jahren wachsen wir
aus eigener Kraft.

DEINE AUFGABEN
• Du verantwortest das Backlog für Warenkorb und Kasse und entscheidest, was als Nächstes gebaut
  wird
• Du sprichst jede Woche mit Kundinnen und Kunden

DEIN PROFIL
• Du bringst mehrere Jahre Erfahrung als Product Owner mit, gern im Handel
• Du hast ein Gespür für Zahlen und kennst SQL
• Sehr gutes Deutsch und Englisch

DAS BIETEN WIR DIR
• 70.000 bis 80.000 Euro im Jahr
• 30 Tage Urlaub
• Jobrad

Jetzt bewerben!
""",
    title="Product Owner",
    musts=("Du bringst mehrere", "Du hast ein", "Sehr gutes Deutsch"),
    tasks=2,
    location="Köln",
    salary=(70000, 80000, "EUR"),
)

MECHANIC_ES = Said(
    """Descripción del puesto

Puesto: Mecánico de maquinaria agrícola
Centro de trabajo: Lleida
Jornada: completa

Taller con 40 años de historia busca incorporar a un mecánico.

Responsabilidades
- Reparar tractores y cosechadoras en el taller y en el campo
- Diagnosticar averías eléctricas e hidráulicas

Perfil requerido
- FP en mecánica o electromecánica
- Tres años de experiencia en maquinaria agrícola
- Permiso de conducir B (imprescindible)
- Permiso C deseable
""",
    title="Mecánico de maquinaria agrícola",
    musts=("FP en", "Tres años", "Permiso de conducir"),
    nices=("Permiso C",),
    tasks=2,
    location="Lleida",
    years=3,
    employment="full_time",
)

DEVOPS_FR = Said(
    """Ingénieur DevOps H/F - Toulouse

Qui sommes-nous ?
Depuis 2011, nous surveillons les satellites de quinze opérateurs. Nous sommes 85 à Toulouse et à Brême.

Vos missions
Rattaché(e) à la directrice technique, vous :
- maintenez nos plateformes Kubernetes ;
- automatisez les déploiements avec Terraform et GitLab CI ;
- participez à l'astreinte.

Votre profil
- De formation Bac +5 en informatique
- 3 à 5 ans d'expérience en exploitation de systèmes
- Anglais courant
- Idéalement, une connaissance du domaine spatial

Ce que nous offrons
- Salaire : 45 à 55 k€ selon profil
- Deux jours de télétravail
- CDI à temps plein
""",
    title="Ingénieur DevOps",
    musts=("De formation", "3 à 5 ans", "Anglais courant"),
    nices=("Idéalement",),
    tasks=3,
    location="Toulouse",
    years=3,
    employment="full_time",
    salary=(45000, 55000, "EUR"),
)

PARALEGAL = Said(
    """Litigation Paralegal
Harborview Law LLP
Chicago, IL

Position Summary:
Harborview Law is seeking a Litigation Paralegal to support three attorneys in our commercial practice.

Essential Functions:
- Prepare exhibits, binders and privilege logs
- Cite-check briefs
- Manage discovery in Relativity

Minimum Qualifications:
- Bachelor's degree or paralegal certificate
- Three (3) or more years of litigation experience
- Notary public, or able to become one within six months

Preferred Qualifications:
- Experience with e-filing in the Northern District of Illinois

Salary Range: $68,000.00 - $82,500.00
""",
    title="Litigation Paralegal",
    musts=("Bachelor's degree", "Three (3)", "Notary public"),
    nices=("Experience with e-filing",),
    tasks=3,
    location="Chicago, IL",
    years=3,
    salary=(68000, 82500, "USD"),
)

UNSEEN_TOO = {
    "pharmacist": PHARMACIST,
    "product_de": PRODUCT_DE,
    "mechanic_es": MECHANIC_ES,
    "devops_fr": DEVOPS_FR,
    "paralegal": PARALEGAL,
}
