"""What was looked at and what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import httpx
from rich.console import Console
from rich.markup import escape
from rich.table import Table

Outcome = Literal["pass", "fail", "skip"]
COLOURS = {"pass": "green", "fail": "red", "skip": "yellow"}


class Wrong(Exception):
    """The server did something else than it should; the text says what."""


@dataclass(slots=True)
class Look:
    """One look at the server; `detail` is shown beside its name."""

    name: str
    outcome: Outcome = "pass"
    detail: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class Report:
    """All looks, in order."""

    looks: list[Look] = field(default_factory=list)

    @contextmanager
    def look(self, name: str) -> Iterator[Look]:
        """One look, which fails by Wrong, a broken connection or an answer of another shape; the next go on."""
        look, started = Look(name), time.monotonic()
        try:
            yield look
        except Wrong as wrong:
            look.outcome, look.detail = "fail", str(wrong)
        except httpx.HTTPError as failure:
            look.outcome, look.detail = "fail", f"no answer: {type(failure).__name__}: {failure}"
        except (KeyError, IndexError, TypeError, ValueError) as surprise:
            look.outcome, look.detail = "fail", f"an answer of another shape: {type(surprise).__name__}: {surprise}"
        finally:
            look.seconds = time.monotonic() - started
            self.looks.append(look)

    def skip(self, name: str, why: str) -> None:
        """Say that nobody looked, and why."""
        self.looks.append(Look(name, "skip", why))

    @property
    def failed(self) -> list[Look]:
        return [look for look in self.looks if look.outcome == "fail"]

    def show(self, console: Console) -> None:
        """The table, and one line that sums it up."""
        table = Table("", "check", "seconds", box=None, pad_edge=False)
        table.add_column("detail", overflow="fold")  # whole, wherever it is read
        for look in self.looks:
            told = f"[{COLOURS[look.outcome]}]{look.outcome}[/]"
            table.add_row(told, escape(look.name), f"{look.seconds:.2f}", escape(look.detail))
        console.print(table)
        passed = sum(look.outcome == "pass" for look in self.looks)
        console.print(f"smoke test: {passed} passed, {len(self.failed)} failed", highlight=False)


def expect(is_so: bool, otherwise: str) -> None:
    """Go on when it is so; else this look fails."""
    if not is_so:
        raise Wrong(otherwise)
