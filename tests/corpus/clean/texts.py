"""Plain texts in the encodings and line ends that there are."""

from __future__ import annotations

import random

from tests.corpus.clean.people import person
from tests.corpus.sample import Sample, honest

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "ascii")


def sample(chance: random.Random, number: int) -> Sample:
    encoding, line_end = chance.choice(ENCODINGS), chance.choice(("\n", "\r\n", "\r"))
    errors = "replace" if encoding in ("cp1252", "ascii") else "strict"
    text = line_end.join(person(chance) * chance.randint(1, 20)) + chance.choice(("", line_end, "\f", "\x0b"))
    filename = f"letter-{number}.txt"
    return honest("text", f"{number} {encoding}", filename, text.encode(encoding, errors), kind="cover_letter")
