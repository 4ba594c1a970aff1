"""Every file that is made to get past the gate and the scanner."""

from __future__ import annotations

from tests.corpus.evasion import (
    bombs,
    eicar_archives,
    eicar_documents,
    mismatches,
    names,
    office,
    pdf_actions,
    pictures,
    polyglots,
    wrappers,
    zip_structures,
)
from tests.corpus.sample import Sample

FAMILIES = (
    eicar_archives,
    eicar_documents,
    wrappers,
    zip_structures,
    bombs,
    office,
    pdf_actions,
    pictures,
    polyglots,
    mismatches,
    names,
)


def samples() -> list[Sample]:
    """The same files each time; no two have the same family and name."""
    return [sample for family in FAMILIES for sample in family.samples()]
