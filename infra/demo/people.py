"""Fictional people for the sample résumés: example.com addresses, and phone numbers kept free for fiction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Post:
    """One job of a person; dates as the résumé writes them."""

    title: str
    employer: str
    place: str
    dates: str
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Headings:
    summary: str = "Summary"
    skills: str = "Skills"
    experience: str = "Experience"
    education: str = "Education"
    more: str = "Interests"


@dataclass(frozen=True, slots=True)
class Person:
    """All that stands in one résumé."""

    name: str
    headline: str
    email: str
    phone: str
    location: str
    links: tuple[str, ...]
    summary: str
    skills: tuple[str, ...]
    posts: tuple[Post, ...]
    education: tuple[str, ...]
    more: str
    headings: Headings = Headings()


AMELIA = Person(
    "Amelia Hartley",
    "Senior Backend Engineer",
    "amelia.hartley@example.com",
    "+44 20 7946 0142",
    "London, United Kingdom",
    ("github.com/amelia-hartley-example", "linkedin.com/in/amelia-hartley-example"),
    "Backend engineer with nine years of experience building payment and booking systems in Python. Led a team of five "
    "through a move from a monolith to event-driven services on AWS without a single lost payment.",
    ("Python", "PostgreSQL", "AWS Lambda", "SQS", "Docker", "Terraform", "Kafka", "REST APIs"),
    (
        Post(
            "Senior Backend Engineer",
            "Tidewater Payments Ltd",
            "London",
            "March 2021 – Present",
            (
                "Designed a payment ledger in Python and PostgreSQL that settles 2.4 million transactions a day.",
                "Cut the monthly AWS bill by 38% by moving batch work to Lambda and SQS.",
                "Mentored four engineers, two of whom now lead teams of their own.",
            ),
        ),
        Post(
            "Backend Engineer",
            "Larkspur Travel",
            "Brighton",
            "June 2017 – February 2021",
            (
                "Built the booking API (Django, Redis) that serves three mobile apps.",
                "Introduced contract tests, which brought production incidents down from nine to two a quarter.",
            ),
        ),
        Post(
            "Software Developer",
            "Fenwick & Moss",
            "Leeds",
            "September 2015 – May 2017",
            ("Wrote invoicing and stock-keeping tools for 140 independent bookshops.",),
        ),
    ),
    ("MSc Computer Science, University of Leeds, 2013 – 2015", "BSc Mathematics, University of York, 2010 – 2013"),
    "Fell running, restoring a 1968 harmonium, volunteer at a coding club for girls.",
)

JONAS = Person(
    "Jonas Grünwald",
    "Softwareentwickler Java / Kotlin",
    "jonas.gruenwald@example.org",
    "+49 30 23125 417",
    "Berlin, Deutschland",
    ("github.com/jgruenwald-example",),
    "Softwareentwickler mit sieben Jahren Erfahrung in Versicherung und öffentlichem Verkehr. Schwerpunkt: robuste "
    "Schnittstellen, Löschkonzepte nach DSGVO und verständliche Übergaben an den Betrieb.",
    ("Java", "Kotlin", "Spring Boot", "PostgreSQL", "Kubernetes", "Kafka", "Jenkins"),
    (
        Post(
            "Softwareentwickler",
            "Spreeufer Versicherungen AG",
            "Berlin",
            "April 2020 – heute",
            (
                "Entwicklung der Schadenmeldung in Kotlin und Spring Boot für 600.000 Versicherte.",
                "Einführung automatisierter Prüfungen; Fehler nach Auslieferung um zwei Drittel verringert.",
            ),
        ),
        Post(
            "Junior-Entwickler",
            "Fahrplan Süd GmbH",
            "München",
            "Oktober 2017 – März 2020",
            (
                "Auskunftssystem für Busse und Straßenbahnen mit 40.000 Abfragen pro Stunde.",
                "Umstellung der Oberfläche auf barrierefreie Bedienung.",
            ),
        ),
    ),
    ("B. Sc. Informatik, Technische Hochschule Nürnberg, 2014 – 2017",),
    "Bergsteigen (Zugspitze über das Höllental), Posaunenchor, Käse aus eigener Herstellung.",
    Headings("Profil", "Kenntnisse", "Berufserfahrung", "Ausbildung", "Interessen"),
)

JOSE = Person(
    "José Ángel Núñez Peña",
    "Customer Success Manager",
    "jose.nunez@example.com",
    "+1 202-555-0143",
    "Washington, DC",
    ("linkedin.com/in/jose-nunez-example",),
    "Bilingual customer success manager (English, Español) who has kept net revenue retention above 115% for four "
    "years with portfolios of up to 60 enterprise accounts.",
    ("Account management", "Salesforce", "Gainsight", "SQL", "Onboarding", "Negotiation", "Spanish", "French"),
    (
        Post(
            "Customer Success Manager",
            "Brightwell Analytics",
            "Washington, DC",
            "January 2020 – Present",
            (
                "Own 58 enterprise accounts worth $9.2M in yearly revenue; churn below 3%.",
                "Built the onboarding programme that halved the time to first value to 21 days.",
            ),
        ),
        Post(
            "Account Manager",
            "Café Olé Importers",
            "Miami, FL",
            "May 2016 – December 2019",
            (
                "Grew sales to hotels by 44% in two years.",
                "Negotiated — in three languages — with growers in Peru, Colombia and Côte d’Ivoire.",
            ),
        ),
    ),
    ("BA International Relations, Georgetown University, 2012 – 2016",),
    "Flamenco guitar, coaching a youth soccer team.",
)

MARCUS = Person(
    "Marcus Okafor",
    "Data Engineer",
    "marcus.okafor@example.com",
    "(202) 555-0117",
    "Arlington, Virginia",
    ("github.com/mokafor-example", "marcus.example.com"),
    "Data engineer who turns messy operational data into tables that people trust. Six years with Spark, Airflow and "
    "Snowflake in logistics and health care.",
    ("Python", "SQL", "Apache Spark", "Airflow", "dbt", "Snowflake", "AWS Glue", "Terraform", "Great Expectations"),
    (
        Post(
            "Data Engineer",
            "Meridian Freight",
            "Arlington, VA",
            "Aug 2021 – Present",
            (
                "Run 220 Airflow pipelines that feed pricing for 18 warehouses.",
                "Moved nightly loads to incremental dbt models: from six hours to forty minutes.",
                "Wrote data contracts with seven product teams.",
            ),
        ),
        Post(
            "Analytics Engineer",
            "St. Brendan Health",
            "Baltimore, MD",
            "Jul 2018 – Jul 2021",
            (
                "Modelled patient flow in Snowflake; bed planning errors fell by 27%.",
                "Automated 35 reports to the state.",
            ),
        ),
    ),
    ("BSc Statistics", "University of Maryland", "2014 – 2018"),
    "Chess, sourdough.",
)

PRIYA = Person(
    "Priya Raman",
    "Lead Product Designer",
    "priya.raman@example.com",
    "+44 20 7946 0875",
    "Manchester, United Kingdom",
    ("priya-raman.example.com", "linkedin.com/in/priya-raman-example"),
    "Product designer with eleven years in health and education. I lead small teams from research to release and care "
    "about words as much as about pixels.",
    (
        "Figma",
        "Design systems",
        "User research",
        "Prototyping",
        "Accessibility (WCAG 2.2)",
        "HTML and CSS",
        "Workshops",
    ),
    (
        Post(
            "Lead Product Designer",
            "Juniper Learning",
            "Manchester",
            "October 2019 – Present",
            (
                "Lead four designers on a learning platform used in 3,100 schools.",
                "Built a design system of 84 components; new pages ship in days, not weeks.",
                "Brought the platform to WCAG 2.2 AA, checked by an outside audit.",
            ),
        ),
        Post(
            "Product Designer",
            "Kestrel Health",
            "Liverpool",
            "February 2015 – September 2019",
            (
                "Designed the appointment app of two hospital trusts, with 210 interviews along the way.",
                "Reduced missed appointments by 19% by rewriting every reminder.",
            ),
        ),
        Post(
            "UX Designer",
            "Studio Halcyon",
            "Bristol",
            "July 2012 – January 2015",
            ("Websites and kiosks for museums, among them an award-winning guide for blind visitors.",),
        ),
    ),
    (
        "MA Interaction Design, Royal College of Art, 2010 – 2012",
        "BDes Graphic Design, University of Leeds, 2007 – 2010",
    ),
    "Linocut, open-water swimming, a podcast about signage.",
)

GRACE = Person(
    "Grace Lindqvist",
    "Financial Controller, ACCA",
    "grace.lindqvist@example.org",
    "020 7946 0331",
    "London SE1",
    ("linkedin.com/in/grace-lindqvist-example",),
    "Qualified accountant with twelve years in manufacturing and retail, used to month ends of three days and to "
    "auditors who find nothing.",
    ("IFRS", "Consolidation", "SAP S/4HANA", "Power BI", "Cash-flow forecasting", "Audit", "Team leadership"),
    (
        Post(
            "Financial Controller",
            "Aldergate Foods plc",
            "London",
            "May 2018 – Present",
            (
                "Lead a finance team of eight across four plants.",
                "Shortened the month-end close from nine days to three.",
            ),
        ),
        Post(
            "Management Accountant",
            "Penrose Outdoor",
            "Reading",
            "September 2013 – April 2018",
            ("Introduced rolling forecasts for 52 shops.", "Saved £1.3M a year by renegotiating freight."),
        ),
    ),
    ("ACCA, 2016", "BA Accounting and Finance, University of Exeter, 2009 – 2012"),
    "Choir, beekeeping.",
)

HELEN = Person(
    "Helen Abernathy, RN",
    "Registered Nurse – Intensive Care",
    "helen.abernathy@example.com",
    "202.555.0188",
    "Alexandria, Virginia 22301",
    (),
    "Intensive care nurse with ten years at level-one trauma centers; charge nurse on a unit of 24 beds.",
    ("Critical care", "Ventilator management", "Triage", "ACLS", "BLS", "Epic", "Precepting"),
    (
        Post(
            "Charge Nurse, Surgical ICU",
            "Potomac General Hospital",
            "Washington, DC",
            "11/2018 – present",
            ("Coordinate twelve nurses a shift.", "Precepted 17 new graduates, all of whom stayed beyond a year."),
        ),
        Post(
            "Staff Nurse, ICU",
            "Blue Ridge Medical Center",
            "Roanoke, VA",
            "06/2014 – 10/2018",
            ("Cared for post-operative and trauma patients.", "Co-wrote the unit’s sepsis checklist."),
        ),
    ),
    ("BSN, University of Virginia, 2010 – 2014",),
    "Quilting, trail maintenance.",
)

EVERYONE = (AMELIA, JONAS, JOSE, MARCUS, PRIYA, GRACE, HELEN)
