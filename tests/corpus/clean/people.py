"""Words for invented people."""

from __future__ import annotations

import random

FIRST = ("Ada", "Zoë", "José", "Łukasz", "Nguyễn", "Olga", "Söğüt", "Mary-Jane", "李", "Fatima", "Jürgen", "Siobhán")
LAST = (
    "Lovelace",
    "O'Neill",
    "Müller",
    "Šćepanović",
    "de la Cruz",
    "Þórsson",
    "Kowalski",
    "王",
    "Okafor",
    "García Márquez",
)
SKILLS = (
    "Python",
    "TypeScript/JavaScript",
    "C++",
    "Node/JS (8 years)",
    "SQL & PL/SQL",
    "<html>-free design",
    "Go/Launch planning",
    "S/4HANA",
    "Kubernetes",
    "Excel =SUM()",
    "R&D",
    "MZ 80K assembly",
    "PK/PD modelling",
    "DDE and OLE automation",
)
SENTENCES = (
    "Led a team of eight that moved 40 services without an hour of downtime.",
    "Cut the cost of hiring by a third; see /Launch plan 2021/22 for how.",
    "Wrote the obj-c and stream processing parts, endstream included.",
    "Responsible for payroll, benefits and the works council’s questions.",
    "References on request – https://example.com/in/ada?x=1&y=2",
)


def person(chance: random.Random) -> list[str]:
    """The lines of a short résumé."""
    name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
    lines = [name, f"person{chance.randrange(10**6)}@example.com", f"+49 30 {chance.randrange(10**7):07}", "", "Skills"]
    lines += [", ".join(chance.sample(SKILLS, chance.randint(2, 6))), "", "Experience"]
    for _ in range(chance.randint(1, 5)):
        year = chance.randint(1995, 2023)
        lines += [f"{year} - {year + chance.randint(1, 6)}  Engineer, Example {chance.choice(LAST)} Ltd"]
        lines += chance.sample(SENTENCES, chance.randint(1, 3))
    return lines
