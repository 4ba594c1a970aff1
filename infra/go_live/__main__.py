"""Goes through the checklist: `make go-live-check URL=https://... ENV=production`.

Exit code 1 when a line fails. What only a person can answer is printed for them to tick.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import httpx
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.deploy import aws
from infra.deploy.aws import Aws
from infra.deploy.errors import Refused
from infra.go_live import account
from infra.go_live.checklist import LINES, Line
from infra.go_live.world import NotLookedAt, World
from infra.smoke.__main__ import TIMEOUT, wish_of
from infra.smoke.report import Wrong

Outcome = Literal["pass", "fail", "manual", "not seen"]
COLOURS = {"pass": "green", "fail": "red", "manual": "cyan", "not seen": "yellow"}
ENVIRONMENTS = ("dev", "staging", "production")


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one line."""

    line: Line
    outcome: Outcome
    detail: str


def look(line: Line, world: World) -> Finding:
    """One line; never raises for what it finds."""
    if line.check is None:
        return Finding(line, "manual", "")
    try:
        return Finding(line, "pass", line.check(world))
    except NotLookedAt as missing:
        return Finding(line, "not seen", str(missing))
    except Wrong as wrong:
        return Finding(line, "fail", str(wrong))
    except (ClientError, BotoCoreError) as error:
        return Finding(line, "fail", account.reason(error))
    except (httpx.HTTPError, OSError) as error:
        return Finding(line, "fail", f"no answer: {type(error).__name__}")
    except (KeyError, ValueError, TypeError, IndexError) as error:
        return Finding(line, "fail", f"an answer of another shape: {type(error).__name__}: {error}")


def show(findings: Sequence[Finding], console: Console) -> None:
    """A table by section, and one line that sums it up."""
    table = Table("", "line", "seen", box=None, pad_edge=False)
    section = ""
    for finding in findings:
        if finding.line.section != section:
            section = finding.line.section
            table.add_row("", f"[bold]{escape(section)}[/]", "")
        told = f"[{COLOURS[finding.outcome]}]{finding.outcome}[/]"
        table.add_row(told, escape(finding.line.text), escape(finding.detail))
    console.print(table)
    counts = {name: sum(finding.outcome == name for finding in findings) for name in COLOURS}
    console.print(", ".join(f"{count} {name}" for name, count in counts.items()), highlight=False)


def account_at_hand() -> Aws | None:
    """The account whose credentials are at hand; None when nobody is signed in."""
    try:
        return aws.connect()
    except Refused:
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.go_live", description=__doc__)
    parser.add_argument("--url", required=True, help="where the API is, without /api")
    parser.add_argument("--environment", required=True, choices=ENVIRONMENTS)
    parser.add_argument("--origin", help="the frontend's origin, which must be allowed to call")
    told = parser.parse_args(arguments)
    if not told.url.startswith(("http://", "https://")):
        parser.error("--url (URL= with make) must begin with https://")
    wish = wish_of(told.url, told.environment, told.origin, os.environ)
    with httpx.Client(base_url=wish.url, timeout=TIMEOUT) as http:
        world = World(told.environment, wish.url, http, wish, account_at_hand())
        findings = [look(line, world) for line in LINES]
    show(findings, Console(soft_wrap=True))
    return 1 if any(finding.outcome == "fail" for finding in findings) else 0


if __name__ == "__main__":
    raise SystemExit(main())
