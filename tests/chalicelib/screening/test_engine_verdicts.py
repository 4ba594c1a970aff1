"""What the engine says about one requirement and one résumé: a table over many trades."""

from __future__ import annotations

import pytest

from chalicelib.screening.engine import OfflineRater
from chalicelib.screening.rating import Verdict
from tests.chalicelib.screening.resumes import a_brief

MET, NOT_MET, NOT_STATED = Verdict.MET, Verdict.NOT_MET, Verdict.NOT_STATED

TABLE: list[tuple[str, str, Verdict]] = [
    # Skills: spellings, boundaries, ordinary words.
    ("Experience with PostgreSQL", "Skills\nPostgres, Redis, Linux", MET),
    ("Experience with PostgreSQL", "Skills\nMySQL, Redis, Linux", NOT_STATED),
    ("Java", "Wrote JavaScript for the web shop", NOT_STATED),
    ("Java", "Wrote Java services for the web shop", MET),
    ("C++", "Skills\nC, Python", NOT_STATED),
    ("C", "Skills\nC++, C#, Objective-C", NOT_STATED),
    ("C", "Skills\nC, Python, Bash", MET),
    ("Go", "Always ready to go the extra mile for customers of the company", NOT_STATED),
    ("Go", "Built payment services in Golang and Rust", MET),
    ("R", "Skills\nPython, R, SAS", MET),
    ("Node.js", "Wrote NodeJS back ends for a bank", MET),
    ("Kubernetes", "Ran 40 services on k8s in three regions", MET),
    ("Excel", "I excel at calm conversations with angry customers, every day", NOT_STATED),
    ("CI/CD", "Set up CI/CD pipelines for all teams", MET),
    ("PostgreSQL performance tuning", "Tuning the performance of PostgreSQL clusters with 4 TB", MET),
    ("PostgreSQL performance tuning", "Skills\nPostgreSQL, Linux", NOT_STATED),
    # And, or, lists, examples.
    ("AWS or Azure", "Moved the data centre to Microsoft Azure", MET),
    ("AWS or Azure", "Moved the data centre to Hetzner", NOT_STATED),
    ("Kubernetes and Terraform", "Deployed with Kubernetes and Terraform", MET),
    ("Kubernetes and Terraform", "Deployed with Kubernetes and Helm", NOT_STATED),
    ("Python, SQL and AWS or Azure", "Python and SQL on AWS for five products", MET),
    ("Python, SQL and AWS or Azure", "Python and SQL on our own servers", NOT_STATED),
    ("Django/Flask", "Wrote Flask back ends", MET),
    ("Relational databases such as PostgreSQL or MySQL", "Administered MySQL for a hospital", MET),
    ("Experience with React, Angular or Vue.js", "Skills\nVue.js, HTML, CSS", MET),
    # Denials, hopes, basics.
    ("Kubernetes", "I have no experience with Kubernetes", NOT_MET),
    ("Terraform", "No experience with Kubernetes, Helm or Terraform", NOT_MET),
    ("Kubernetes", "Keine Erfahrung mit Kubernetes", NOT_MET),
    ("Kubernetes", "No experience with Docker, but strong Kubernetes operations", MET),
    ("Docker", "No experience with Docker, but strong Kubernetes operations", NOT_MET),
    ("Docker", "Not only Kubernetes but also Docker in production", MET),
    ("Salesforce", "Have not yet worked with Salesforce", NOT_MET),
    ("Rust", "Interested in learning Rust", NOT_STATED),
    ("Python", "Basic knowledge of Python", NOT_STATED),
    ("Basic knowledge of SQL", "Basic knowledge of SQL", MET),
    ("SAP", "Skills\nSAP (basic), Excel", NOT_STATED),
    ("Python", "Python: none", NOT_MET),
    ("Python", "Python, no Java", MET),
    ("Java", "Python, no Java", NOT_MET),
    ("Python", "No Python at my first employer.\nLater wrote Python services for four banks", NOT_STATED),
    # Years, in words and from dates.
    ("5+ years of Python", "7 years of Python in banking", MET),
    ("5+ years of Python", "2 years of Python in banking", NOT_MET),
    ("5+ years of Python", "Skills\nPython (6 years), SQL (2 years)", MET),
    ("5+ years of SQL", "Skills\nPython (6 years), SQL (2 years)", NOT_MET),
    ("5+ years of Python", "10 years of experience, including 2 years of Python", NOT_MET),
    ("5+ years of Python", "Skills\nPython, SQL", NOT_STATED),
    ("5+ years of Python", "Developer, Bank AG, Jan 2018 – Mar 2024\nWrote Python services for payments", MET),
    ("5+ years of Python", "Developer, Bank AG, Jan 2022 – Mar 2024\nWrote Python services for payments", NOT_MET),
    ("5+ years of Python", "Developer, Bank AG, Jan 2018 – Mar 2024\nWrote Java services for payments", NOT_STATED),
    ("3 years of Java", "Developer, X, 2018 – 2021\nJava services", MET),
    ("3 years of Java", "Developer, X, Jan 2020 – Dec 2022\nJava services", MET),
    ("4 years of Java", "Dev, X, Jan 2018 – Jan 2020\nJava shop\n\nDev, Y, Jan 2019 – Jan 2021\nJava bank", NOT_MET),
    ("3 years of AWS or Azure", "Ops, X, Jan 2018 – Jan 2020\nAWS\n\nOps, Y, Feb 2020 – Jan 2022\nAzure", MET),
    ("2 years of Python and 3 years of Java", "4 years of Python. Before that 5 years of Java", MET),
    ("2 years of Python and 3 years of Java", "4 years of Python. Before that 1 year of Java", NOT_MET),
    ("At least three years' experience in nursing", "Registered Nurse, Charité, May 2019 – present\nWard 3", MET),
    ("At least 3 years' experience in nursing", "Nurse, Clinic, Feb 2025 – present\nSurgical ward", NOT_MET),
    (
        "5+ years of professional experience",
        "Cook, Inn, Jan 2015 – Jan 2019\nFish\n\nCook, Bar, Jan 2020 – present",
        MET,
    ),
    ("10 years of experience", "Cook, Inn, Jan 2020 – Jan 2024\nFish", NOT_MET),
    ("5 years of Python", "I am 35 years old and write Python", NOT_STATED),
    ("3 years as a project manager", "Project Manager, Siemens, Jan 2019 – Dec 2023\nRail", MET),
    # Degrees.
    ("Bachelor's degree in Computer Science or similar", "Education\nB.Sc. Computer Science, TU Berlin, 2016", MET),
    ("Bachelor's degree in Computer Science or similar", "Education\nMaster of Science in Informatics, 2018", MET),
    ("Bachelor's degree in Computer Science or similar", "Education\nBachelor of Arts in History, 2018", NOT_STATED),
    ("Master's degree", "Education\nBachelor of Science in Physics", NOT_MET),
    ("Master's degree", "Education\nPhD in Chemistry, ETH", MET),
    ("Bachelor or Master in Law", "Education\nMaster of Laws, law faculty, Bonn", MET),
    ("University degree", "Improved the service to a high degree of satisfaction", NOT_STATED),
    ("Master's degree in Economics", "Education\nCurrently pursuing a Master of Science in Economics", NOT_STATED),
    ("Bachelor's degree or 5 years of experience", "Welder, Yard, Jan 2015 – Jan 2022\nShips", MET),
    # Languages.
    ("Fluent German (C1)", "Languages\nGerman: C2, English: B2", MET),
    ("Fluent German (C1)", "Languages\nGerman (B1), English (C1)", NOT_MET),
    ("Fluent German", "Languages\nGerman – native", MET),
    ("Fluent German", "Languages\nGerman, English", NOT_STATED),
    ("Fluent German", "Nationality: German", NOT_STATED),
    ("Fluent English", "Fluent in German and English", MET),
    ("English and German (both fluent)", "Languages\nEnglish: fluent\nGerman: basic", NOT_MET),
    ("German or French", "Languages\nEnglish (native), French (conversational)", MET),
    ("Business English, spoken and written", "Sprachen: Deutsch Muttersprache, Englisch verhandlungssicher", MET),
    ("Native German speaker", "Languages\nGerman (C2)", MET),
    ("Fluent Spanish", "Sold software in the Spanish market for the company", NOT_STATED),
    # Certificates, licences, places, wishes of many wordings.
    ("Certified Scrum Master", "Certificates\nCSM, Scrum Alliance, 2021", MET),
    ("PMP certification", "Project Management Professional since 2019", MET),
    ("Driving licence class B", "Driving licence: B, BE", MET),
    ("Driving licence class B", "Führerschein Klasse B", MET),
    ("Driving licence class C", "Driving licence class B", NOT_STATED),
    ("Driving licence class B", "No driving licence", NOT_MET),
    ("Based in Berlin", "Lives in Berlin with a view of the park", MET),
    ("Based in Berlin", "Education\nFree University of Berlin", NOT_STATED),
    ("Willing to travel", "Open to travel up to 50%", MET),
    ("Willing to travel", "Travel agent for a cruise company", NOT_STATED),
    ("Willing to travel", "Not willing to travel", NOT_MET),
    ("Team leadership", "Led a team of six nurses on the night ward", MET),
    ("Team leadership", "Member of a team of six nurses", NOT_STATED),
    # Other trades, in their own words.
    ("Wound care", "Cared for wounds after surgery", MET),
    ("Knowledge of HACCP", "Kept the HACCP records of the kitchen", MET),
    ("Budgeting and forecasting", "Prepared budgets and forecasts for four plants", MET),
    ("MIG welding", "MIG and TIG welder on ships", MET),
    ("Classroom teaching", "Taught in a classroom of 30 children", MET),
    ("Negotiation", "Negotiated contracts with suppliers in Asia", MET),
    ("Payroll for 200 employees", "Ran the payroll for 200 employees", MET),
    ("Forklift licence", "Forklift licence since 2012", MET),
    ("Project management", "Managed three large projects for the railway", MET),
    ("HGV driver", "Truck driver for chilled goods", MET),
    ("Night shifts", "Worked night shifts on ward 7", MET),
    ("Steuerrecht", "Kenntnisse im Steuerrecht und in der Bilanz", MET),
]


@pytest.mark.parametrize(("requirement", "resume", "expected"), TABLE)
def test_a_requirement_is_judged_as_a_recruiter_would(requirement: str, resume: str, expected: Verdict) -> None:
    brief = a_brief(requirement, resume=resume)
    assert brief.document is not None

    (judged,) = OfflineRater().rate(brief).requirements

    assert judged.verdict is expected
    assert all(brief.document.stands_here(quote) for quote in judged.evidence)
    assert len(judged.evidence) <= 3
    assert judged.evidence or judged.verdict is NOT_STATED
