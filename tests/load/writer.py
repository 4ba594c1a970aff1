"""One process of the write benchmark: `python -m tests.load.writer --number 3`.

It is one container of Lambda: it handles one request after another in process, by events as API Gateway makes them, on
one connection through the pooler. It says "ready"; for each line like "candidates 5" it then writes candidates for five
seconds and tells as JSON what it wrote. It ends with its input.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tests.load.words import WORDS

WARM_UP = 20


def candidate(number: str) -> dict[str, Any]:
    """A new candidate nobody has seen before."""
    skills = random.sample(WORDS["skills"], 3)
    return {
        "name": f"{random.choice(WORDS['first_names'])} {random.choice(WORDS['last_names'])}",
        "email": f"{number}@writes.example",
        "headline": random.choice(WORDS["titles"]),
        "location": random.choice(WORDS["cities"]),
        "skills": skills,
        "source": "direct",
    }


def project(number: str) -> dict[str, Any]:
    """A new project: its row, its first member's, and an event of each."""
    return {"name": f"Search {number}", "client": random.choice(WORDS["employers"]), "sector": "Health"}


def position(number: str) -> dict[str, Any]:
    """A new position: one row and one event."""
    return {"title": f"{random.choice(WORDS['titles'])} {number}", "location": random.choice(WORDS["cities"])}


BODIES: dict[str, Callable[[str], dict[str, Any]]] = {
    "candidates": candidate,
    "projects": project,
    "positions": position,
}


def writing(what: str, number: int) -> Callable[[], int]:
    """A call that writes once more and answers the status."""
    import app
    from infra.local.gateway import Gateway, Routes

    people = [each for each in json.loads(Path(os.environ["LOAD_PEOPLE"]).read_text()) if each["role"] != "viewer"]
    gateway = Gateway(app.app, Routes(app.app.routes), source_ip="203.0.113.1")
    context = gateway._generate_lambda_context()
    made = iter(range(1_000_000_000))
    run = f"{number}-{time.time_ns()}"

    def write() -> int:
        who = random.choice(people)["token"]
        headers = {"Host": "load.test", "Authorization": f"Bearer {who}", "Content-Type": "application/json"}
        body = json.dumps(BODIES[what](f"{run}-{next(made)}")).encode()
        event = gateway._generate_lambda_event("POST", f"/api/{what}", headers, body)
        return int(app.app(event, context)["statusCode"])

    return write


@click.command()
@click.option("--number", type=int, required=True)
def main(number: int) -> None:
    """Write what is asked for, line by line."""
    from chalicelib.logs import log

    # Lines are made and written as in production, only that nobody has to see them.
    sink = Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process
    for handler in log.handlers:
        handler.setStream(sink)  # type: ignore[attr-defined]
    ways = {what: writing(what, number) for what in BODIES}
    for write in ways.values():
        for _ in range(WARM_UP):
            write()
    print("ready", flush=True)
    for line in sys.stdin:
        what, seconds = line.split()
        print(json.dumps(_round(ways[what], float(seconds))), flush=True)


def _round(write: Callable[[], int], seconds: float) -> dict[str, float]:
    began, used = time.perf_counter(), _cpu()
    count = wrong = 0
    while time.perf_counter() - began < seconds:
        if write() == 201:
            count += 1
        else:
            wrong += 1
    took = time.perf_counter() - began
    return {"count": count, "wrong": wrong, "seconds": took, "cpu_seconds": _cpu() - used}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
