"""Steps told as they happen: a spinner on a terminal, plain lines in a log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape


@dataclass(slots=True)
class Step:
    """One step under way; `detail` is shown beside its name when it is done, `warning` loudly below."""

    detail: str = ""
    warning: str = ""


class Steps:
    """Prints to `console`, or to the standard output."""

    def __init__(self, console: Console | None = None) -> None:
        # Long lines stay whole, so that they can be copied.
        self.console = console or Console(highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Tell that `name` begins and, with its seconds, that it is done. An exception passes through."""
        step, started = Step(), time.monotonic()
        try:
            if self.console.is_terminal:
                with self.console.status(f"{escape(name)} …"):
                    yield step
            else:
                yield step
        except BaseException:
            self.console.print(f"[red]✗[/] {escape(name)}")
            raise
        seconds = time.monotonic() - started
        detail = f" [dim]{escape(step.detail)}[/]" if step.detail else ""
        self.console.print(f"[green]✓[/] {escape(name)}{detail} [dim]({seconds:.1f} s)[/]")
        if step.warning:
            self.console.print(f"[bold yellow]! {escape(step.warning)}[/]")

    def say(self, text: str = "") -> None:
        """One plain line."""
        self.console.print(text, markup=False)
