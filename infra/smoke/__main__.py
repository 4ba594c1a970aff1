"""Looks at a deployment from outside: `python -m infra.smoke --url https://api.example.com`, or `make smoke URL=…`.

Without an account it asks what anybody may. With SMOKE_TOKEN, or SMOKE_EMAIL and SMOKE_PASSWORD, in the environment it
also plays the main story in small and removes what it made; SMOKE_TOKEN may be an API key. Exit code 1 when anything
failed.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx
from rich.console import Console

from infra.smoke import public, story
from infra.smoke.report import Report

TIMEOUT = httpx.Timeout(30, connect=10)


@dataclass(frozen=True, slots=True)
class Wish:
    """Where to look, what the server must say it is, the origin of a frontend, and as whom."""

    url: str
    environment: str | None = None
    origin: str | None = None
    token: str | None = None
    email: str | None = None
    password: str | None = None


def wish_of(url: str, environment: str | None, origin: str | None, variables: Mapping[str, str]) -> Wish:
    """The wish with the account that `variables` name; secrets never stand among the arguments of a process."""
    account = (variables.get(f"SMOKE_{name}") or None for name in ("TOKEN", "EMAIL", "PASSWORD"))
    return Wish(url.rstrip("/"), environment, origin, *account)


def run(wish: Wish) -> Report:
    """Look at everything; never raises for what the server does."""
    report = Report()
    with httpx.Client(base_url=wish.url, timeout=TIMEOUT) as http:
        public.look(http, report, environment=wish.environment, origin=wish.origin)
        token = wish.token
        if token is None and wish.email and wish.password:
            with report.look("sign in"):
                token = story.sign_in(http, wish.email, wish.password)
        if token is not None:
            story.play(http, report, token)
        elif not wish.email:
            report.skip("main story", "no SMOKE_TOKEN, no SMOKE_EMAIL with SMOKE_PASSWORD")
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.smoke", description=__doc__)
    parser.add_argument("--url", required=True, help="where the API is, without /api")
    parser.add_argument("--environment", help="what the server must say it is")
    parser.add_argument("--origin", help="a frontend's origin, which must be allowed to call")
    told = parser.parse_args(arguments)
    if not told.url.startswith(("http://", "https://")):
        parser.error("--url (URL= with make) must begin with https:// or http://")
    report = run(wish_of(told.url, told.environment, told.origin, os.environ))
    report.show(Console(soft_wrap=True))
    return 1 if report.failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
