"""The sample descriptions are those that their script makes, and long texts are read in linear time."""

from __future__ import annotations

import time

import pytest

from chalicelib.descriptions.briefs import read_brief
from chalicelib.descriptions.kinds import classify
from chalicelib.descriptions.positions import read_positions
from infra.demo.descriptions import make
from tests.chalicelib.descriptions.samples import document


def test_the_samples_are_kept_as_they_are_made() -> None:
    kept = {path.name: path.read_bytes() for path in make.FOLDER.iterdir() if path.suffix in (".pdf", ".docx")}

    assert kept == make.descriptions()


@pytest.mark.parametrize(
    "piece", ["x\n", "Requirements\n", "Requirements\nXa\n", "- x\n", "a: ", "£1 - ", "Location:\n"]
)
def test_reading_takes_no_more_than_linear_time(piece: str) -> None:
    text = document(("Requirements\n" + piece * 20_000)[:20_000])

    began = time.process_time()
    for read in (classify, read_positions, read_brief):
        read(text)

    assert time.process_time() - began < 5  # about 0.4 s; what is quadratic takes 10 s and more
