"""The words that a town of candidates is described with; the first of a list are the most common ones."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "first_names": tuple(
        "Anna James Maria David Sarah Michael Emma Daniel Olivia Thomas Sofia Lukas Aisha Mohammed Priya Wei Elena "
        "Marco Fatima Jonas Chloe Rahul Ingrid Pedro Amélie Kofi Zoë Hannah Mateo Yuki Grace Omar Nadia Felix Leila "
        "Björn Siobhan Tariq Chiara Andrei Mei Kwame Lucía Noah Freya Ivan Ines Samir Greta Hugo Ayşe Arjun Clara "
        "Youssef Renée Viktor Saoirse Emeka Tomasz Ljubica".split()
    ),
    "last_names": tuple(
        "Smith Müller Garcia Jones Khan Nguyen Schmidt Martin Rossi Patel Taylor Brown Silva Wilson Lee Evans Novak "
        "Andersson Kowalski Singh Fernandez Walker Weber Dubois Okafor Hartley Tanaka Murphy Costa Ivanova Wagner "
        "Hughes Moreau Ahmed Lindqvist Mensah Becker Romano Fischer Chen Papadopoulos Byrne O'Neill Haddad Bianchi "
        "Jensen Lopez Meyer Larsson Ferrari Demir Horvat Popescu Kaya Adeyemi Schneider Virtanen Laurent Sato".split()
    ),
    "cities": tuple(
        "London|Berlin|Manchester|Zürich|Paris|Leeds|Munich|Amsterdam|Dublin|Vienna|Hamburg|Madrid|Bristol|Lisbon|"
        "Warsaw|Edinburgh|Cologne|Milan|Prague|Copenhagen|Oslo|Bern|Glasgow|Lyon".split("|")
    ),
    "titles": tuple(
        "Software engineer|Backend engineer|Project manager|Nurse|Data analyst|Product manager|Accountant|"
        "Sales manager|Senior software engineer|Data engineer|Frontend engineer|Site reliability engineer|"
        "UX designer|Business analyst|Security engineer|Machine learning engineer|Financial controller|"
        "Ward manager|Mechanical engineer|Recruiter|Physiotherapist|Tax adviser|Embedded engineer|Actuary".split("|")
    ),
    "skills": tuple(
        "Python|SQL|Communication|Java|AWS|Project management|JavaScript|PostgreSQL|Docker|Excel|React|Leadership|"
        "Kubernetes|Linux|TypeScript|Scrum|Terraform|Go|Patient care|C++|Kafka|Machine learning|Redis|Accounting|"
        "Django|Node.js|Salesforce|SAP|Tableau|Rust|GraphQL|Spark|Wound care|IFRS|Figma|Ansible|Airflow|Kotlin|"
        "Swift|Scala|Elixir|Haskell|COBOL|VHDL|Prolog|Triage|Payroll|AutoCAD|SolidWorks|PyTorch".split("|")
    ),
    "employers": tuple(
        "Tidewater Payments|Larkfield Travel|Northgate Clinics|Brightwater Energy|Calder Foods|Oakmere Insurance|"
        "Silverline Logistics|Harbour Analytics|Kestrel Robotics|Meridian Bank|Alder Health|Fairview Retail|"
        "Granite Systems|Juniper Legal|Lumen Media|Orchard Learning|Quayside Studios|Redstone Mining|"
        "Summit Telecom|Vantage Aerospace|Willow Care|Zephyr Airlines|Beacon Housing|Copper Street Games".split("|")
    ),
    "forms": ("Ltd", "GmbH", "AG", "Partners", "Group", "Labs", "SA", "Trust"),
    "schools": tuple(
        "University of Leeds|TU Berlin|ETH Zürich|Imperial College|University of Porto|Sorbonne|Trinity College|"
        "Warsaw University|Delft University|University of Lagos|IIT Bombay|Uppsala University".split("|")
    ),
    "fields": tuple(
        "Computer science|Nursing|Economics|Mathematics|Mechanical engineering|Physics|Law|Design|Biology".split("|")
    ),
    "languages": ("German", "French", "Spanish", "Polish", "Hindi", "Portuguese", "Arabic", "Turkish"),
    "sources": ("careers", "referral", "linkedin", "agency", "event", "direct"),
    "tags": ("spring", "relocation", "leadership", "graduate", "contract", "silver-medallist", "remote"),
    "sentences": (
        "Built %1$s services for the %2$s platform that pay out millions every day.",
        "Led a team of six who moved %2$s from spreadsheets to %1$s within a year.",
        "Responsible for %1$s in the %2$s programme, from first idea to daily use.",
        "Introduced %1$s, which cut the cost of %2$s by a third.",
        "Trained colleagues in %1$s and wrote the %2$s handbook.",
        "Designed the %2$s product line with customers, using %1$s throughout.",
        "Kept %2$s running around the clock with %1$s and a rota of four.",
        "Audited %2$s with %1$s and presented the findings to the board.",
    ),
    "habits": (
        "Worked closely with stakeholders in three countries and reported progress every week.",
        "Mentored two junior colleagues who have both been promoted since.",
        "Managed a budget of two million and finished under it in four years of five.",
        "Reviewed designs and code, and took part in hiring.",
        "Improved the quality of service by measuring what customers waited for.",
        "Coordinated suppliers, negotiated contracts and looked after compliance.",
        "Wrote documentation that new colleagues start with on their first day.",
        "Planned capacity and handled incidents as part of an on-call team.",
        "Ran workshops with patients and families to understand what they needed.",
        "Presented results at conferences and to management.",
    ),
    "syllables": tuple(
        "ba be bo bra cor da del do dra el fa fen fi gal gra ha hel hi jo ka kel kri la len lo lu ma mer mi mo na nel "
        "no ol or pa pel pri qua ra ren ri ro sa sel shi so ta tel tho tri u va vel vi wen xan ya yor za zel zi zo".split()
    ),
}
# The most common word of a list comes several times as often as one from its middle.
FUNCTIONS = """
create function load.one(p_words text[]) returns text language sql volatile parallel safe as
    'select p_words[1 + floor(random() * cardinality(p_words))::int]';
create function load.common(p_words text[]) returns text language sql volatile parallel safe as
    'select p_words[1 + floor(pow(random(), 2) * cardinality(p_words))::int]';
create function load.rare() returns text language sql volatile parallel safe as
    'select load.one(load.syllables()) || load.one(load.syllables()) || load.one(load.syllables())';
"""


def statements() -> str:
    """Functions of the schema `load` that answer each list, and the ways of choosing from one."""
    lists = [
        f"create function load.{name}() returns text[] language sql immutable parallel safe as "
        f"$body$select array[{', '.join(quoted(word) for word in words)}]$body$;"
        for name, words in WORDS.items()
    ]
    return "\n".join([*lists, FUNCTIONS])


def quoted(text: str) -> str:
    """A literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
