"""A pump of the queues that takes a moment over each step of an import, and may die at one: `dying.py [<step>]`."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

from chalicelib.bulk_imports import jobs, repository
from chalicelib.jobs import repository as job_rows
from infra.local.pump import main

# The step as a function, and at which of its calls to die.
STEPS: dict[str, tuple[Any, str, int]] = {
    "cutting": (jobs, "_store", 22),
    "candidates": (repository, "insert_candidates", 3),
    "rows": (repository, "insert_rows", 3),
    "counting": (job_rows, "count_children", 3),
}


def slowly(module: Any, name: str, *, dies_at: int | None) -> None:
    """Let a step take a moment, and end the process at its nth call once the step itself is done."""
    act, calls = getattr(module, name), 0

    def run(*given: object, **named: object) -> object:
        nonlocal calls
        answer = act(*given, **named)
        calls += 1
        if calls == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.05)
        return answer

    setattr(module, name, run)


if __name__ == "__main__":
    wanted = sys.argv[1:2]
    for step, (module, name, call) in STEPS.items():
        slowly(module, name, dies_at=call if [step] == wanted else None)
    sys.argv[1:] = []
    main()
