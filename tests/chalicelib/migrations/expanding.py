"""What a revision may not do while the previous release still runs on the schema.

A statement may go further when a comment right before it says so: `-- contract: <commit>` for what no release reads
since that commit, `-- expands: <why>` for what only looks as if it took something away, and `-- brief: <why>` for an
index that blocks writers for a moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Quoted texts and bodies of functions are no statements of the revision; comments are kept apart.
TOKENS = re.compile(
    r"(?P<body>\$(\w*)\$.*?\$\2\$)|(?P<text>'(?:[^']|'')*')|(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<end>;)|(?P<other>[^'$;/-]+|.)",
    re.DOTALL,
)
MARK = re.compile(r"--\s*(contract|expands|brief):\s*(\S.*)")
NAME = r'(?:if (?:not )?exists )?(?:only )?((?:"[^"]+"|[\w.])+)'
ALWAYS = {
    r"\bdrop (?:table|schema|type|domain|sequence|extension)\b": "drops what the previous release may read",
    r"\bdrop column\b": "drops a column",
    r"^alter table .*\bdrop (?!(?:constraint|default|not null|expression|identity|column)\b)\w+": "drops a column",
    r"\brename (?:to|column|constraint|\w+ to)\b": "renames",
    r"\balter (?:column )?\w+ (?:set data )?type\b": "changes a type",
    r"\bset not null\b": "wants a value where the previous release may write none",
    r"\balter (?:column )?\w+ drop default\b": "takes a default away",
    r"^revoke (?!.*\bfrom public$)": "takes a right away",
    r"^truncate\b": "empties a table",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement in lower case with single spaces, and the marks before it: by kind, their words."""

    text: str
    marks: dict[str, str]


def statements(sql: str) -> Iterator[Statement]:
    """The statements of a revision, in order."""
    words: list[str] = []
    marks: dict[str, str] = {}
    for token in [*TOKENS.finditer(sql), None]:
        if token is None or token["end"]:
            text = " ".join("".join(words).lower().split())
            if text:
                yield Statement(text, marks)
            words, marks = [], {}
        elif token["comment"]:
            marks |= {found[1]: found[2].strip() for found in MARK.finditer(token["comment"])}
            words.append(" ")
        else:
            words.append("''" if token["text"] or token["body"] else token[0])


def breaches(sql: str) -> list[str]:
    """What in `sql` the previous release may not survive: one line each, empty when it only expands."""
    found = []
    every = list(statements(sql))
    made = {match[1] for each in every if (match := re.match(rf"create (?:unlogged )?table {NAME}", each.text))}
    again = {
        match[1] for each in every if (match := re.match(r"create (?:or replace )?(?:function|view) (\w+)", each.text))
    }
    for each in every:
        if "contract" in each.marks:
            continue
        found += [f"{why}: {each.text[:120]}" for why in _wrongs(each, made, again)]
    return found


def _wrongs(statement: Statement, made: set[str], again: set[str]) -> Iterator[str]:
    text = statement.text
    of_ours = (
        match := re.search(rf"^(?:alter table|create (?:unique )?index .*? on|revoke .*? on) {NAME}", text)
    ) and match[1]
    if of_ours and of_ours in made:
        return
    yield from (why for pattern, why in ALWAYS.items() if re.search(pattern, text))
    if (gone := re.match(r"drop (?:function|view) (?:if exists )?(\w+)", text)) and gone[1] not in again:
        yield "drops what the previous release may call"
    if "expands" not in statement.marks:
        for column in re.findall(r"\badd (?:column )?(?:if not exists )?(?!constraint\b)\w+ [^,]*", text):
            if "not null" in column and "default" not in column and "generated" not in column:
                yield "adds a column that the previous release gives no value"
        if re.search(r"\badd (?:constraint|check|unique|foreign key|exclude)\b", text):
            yield "adds a rule that the previous release does not know"
        if text.startswith("create unique index"):
            yield "refuses doubles that the previous release may write"
    if re.match(r"create (?:unique )?index (?!concurrently\b)", text) and "brief" not in statement.marks:
        yield "blocks writers while the index is made"
