"""docs/security.md names each requirement once, with a test that exists or a reason."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from infra.packaging.parameters import parameters_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
STATES = {"does not apply", "**not met**", "not shown"}
ROW = re.compile(r"^\| ((?:\d+\.\d+\.\d+)|API\d+|LLM-\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE)
# How many requirements of level 1 and 2 each section of ASVS 5.0.0 has, and which. V10 and V17 do not apply as a whole.
ASVS = """
    1.1: 1 2; 1.2: 1 2 3 4 5 6 7 8 9; 1.3: 1 2 3 4 5 6 7 8 9 10 11; 1.4: 1 2 3; 1.5: 1 2;
    2.1: 1 2 3; 2.2: 1 2 3; 2.3: 1 2 3 4; 2.4: 1;
    3.2: 1 2; 3.3: 1 2 3 4; 3.4: 1 2 3 4 5 6; 3.5: 1 2 3 4 5; 3.7: 1 2;
    4.1: 1 2 3; 4.2: 1; 4.3: 1 2; 4.4: 1 2 3 4;
    5.1: 1; 5.2: 1 2 3; 5.3: 1 2; 5.4: 1 2 3;
    6.1: 1 2 3; 6.2: 1 2 3 4 5 6 7 8 9 10 11 12; 6.3: 1 2 3 4; 6.4: 1 2 3 4; 6.5: 1 2 3 4 5; 6.6: 1 2 3; 6.8: 1 2 3 4;
    7.1: 1 2 3; 7.2: 1 2 3 4; 7.3: 1 2; 7.4: 1 2 3 4 5; 7.5: 1 2; 7.6: 1 2;
    8.1: 1 2; 8.2: 1 2 3; 8.3: 1; 8.4: 1;
    9.1: 1 2 3; 9.2: 1 2 3 4;
    11.1: 1 2; 11.2: 1 2 3; 11.3: 1 2 3; 11.4: 1 2 3 4; 11.5: 1; 11.6: 1;
    12.1: 1 2 3; 12.2: 1 2; 12.3: 1 2 3 4;
    13.1: 1; 13.2: 1 2 3 4 5; 13.3: 1 2; 13.4: 1 2 3 4 5;
    14.1: 1 2; 14.2: 1 2 3 4; 14.3: 1 2 3;
    15.1: 1 2 3; 15.2: 1 2 3; 15.3: 1 2 3 4 5 6 7;
    16.1: 1; 16.2: 1 2 3 4 5; 16.3: 1 2 3 4; 16.4: 1 2 3; 16.5: 1 2 3
"""
REQUIRED = [
    f"{section.strip()}.{number}"
    for section, numbers in (part.split(":") for part in ASVS.split(";"))
    for number in numbers.split()
]


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_each_requirement_that_applies_is_named_once() -> None:
    named = Counter(row[0] for row in ROWS)

    assert len(REQUIRED) == 217
    assert [each for each in named if named[each] > 1] == []
    assert [each for each in named if each[0].isdigit()] == REQUIRED
    assert [f"API{number}" for number in range(1, 11)] == [each for each in named if each.startswith("API")]


@pytest.mark.parametrize("chapter", ["V10", "V17"])
def test_a_chapter_that_does_not_apply_says_why(chapter: str) -> None:
    assert re.search(rf"^- {chapter} \([^)]+\) does not apply: .{{20,}}", PAGE, re.MULTILINE)


def test_each_row_has_tests_and_files_that_exist_or_a_reason() -> None:
    wrong = []
    for requirement, what, how, shown in ROWS:
        named = re.findall(r"`([^`]+)`", shown)
        if not what.strip() or len(how) < 4 or bool(named) == (shown in STATES):
            wrong.append(requirement)
        for each in named:
            path, _, function = each.partition("::")
            if not (ROOT / path).is_file() or (function and function not in functions_of(path)):
                wrong.append(f"{requirement}: {each}")
            if path.startswith("tests/") and not function:
                wrong.append(f"{requirement}: {each} names no test")

    assert wrong == []


def test_the_page_counts_its_own_rows() -> None:
    shown = Counter(row[3] if row[3] in STATES else "shown" for row in ROWS if row[0][0].isdigit())
    counted = [len(REQUIRED), *(shown[state] for state in ("shown", "does not apply", "**not met**", "not shown"))]

    (words,) = re.findall(r"^Of (\d+ requirements .+?)\. `tests", PAGE.replace("\n", " ").replace("Of ", "\nOf "), re.M)
    assert [int(number) for number in re.findall(r"\d+", words)] == counted


def test_no_row_is_written_so_that_it_is_not_read() -> None:
    of_tables = [line for line in PAGE.splitlines() if re.match(r"\| (\d|API|LLM)", line)]

    assert len(of_tables) == len(ROWS)


def test_logs_are_kept_for_as_long_as_the_page_says() -> None:
    days = [parameters_of(environment)["LogDays"] for environment in ("dev", "staging", "production")]

    assert f"| {days[0]}, {days[1]} or {days[2]} days (dev, staging, production): `LogDays` |" in PAGE
