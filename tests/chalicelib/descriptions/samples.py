"""The sample files of the demonstration, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from chalicelib.resumes import reader
from chalicelib.resumes.text import DocumentText
from infra.demo import make_resumes
from infra.demo.descriptions import make

LIMITS = reader.ReadingLimits(timeout_seconds=20, memory_mib=512, max_pages=100)


@cache
def read(path: Path) -> DocumentText:
    return reader.read(path.read_bytes(), filename=path.name, limits=LIMITS)


def resume(name: str) -> DocumentText:
    return read(make_resumes.FOLDER / name)


def description(name: str) -> DocumentText:
    return read(make.FOLDER / name)


def document(words: str) -> DocumentText:
    return DocumentText.of_pages(words.split("\f"))
