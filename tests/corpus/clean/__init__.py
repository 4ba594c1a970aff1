"""Honest files, as many as are wanted: what people send, varied by a seed."""

from __future__ import annotations

import random

from tests.corpus.clean import archives, oddities, office, pdfs, pictures, tables, texts
from tests.corpus.sample import Sample

# How many of a hundred, in the proportions of a recruiter's inbox; what is honest and odd comes once each.
SHARES = (
    (pdfs.sample, 44),
    (office.sample, 24),
    (texts.sample, 10),
    (tables.sample, 12),
    (archives.sample, 5),
    (pictures.sample, 5),
)


def samples(count: int, seed: int) -> list[Sample]:
    """`count` files, the same for the same seed; a third of few, or all of them for many, are honest and odd."""
    chance = random.Random(seed)
    odd = oddities.samples()
    found = odd if count >= 3 * len(odd) else chance.sample(odd, count // 3)
    makers = [maker for maker, share in SHARES for _ in range(share)]
    return found + [chance.choice(makers)(chance, number) for number in range(len(found), count)]
