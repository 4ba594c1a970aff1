"""The words that a town of candidates is described with; the first of a list are the most common ones."""

from __future__ import annotations

from pathlib import Path

LISTS = Path(__file__).with_suffix(".txt")


def _read(text: str) -> dict[str, tuple[str, ...]]:
    """Lists under headings in brackets; words are parted by bars, whole sentences stand on a line each."""
    lists = {}
    for part in text.split("[")[1:]:
        name, _, body = part.partition("]")
        words = [word.strip() for line in body.strip().splitlines() for word in line.split("|")]
        lists[name] = tuple(word for word in words if word)
    return lists


WORDS = _read(LISTS.read_text(encoding="utf-8"))
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
