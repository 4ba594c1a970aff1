"""The programs of ClamAV, run with an end to their time, and the log lines of a container."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NAMESPACE = "RecruitPro"


class ProgramFailed(Exception):
    """A program is missing, took too long, or ended with an error; the text quotes its last words."""


def run(command: Sequence[str | Path], *, seconds: float, also_good: tuple[int, ...] = ()) -> tuple[int, str]:
    """The exit code of `command` (0, or one of `also_good`) and what it said. Raises ProgramFailed."""
    name = str(command[0])
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds, check=False)
    except FileNotFoundError:
        raise ProgramFailed(f"{name} is not installed") from None
    except subprocess.TimeoutExpired:
        raise ProgramFailed(f"{name} was not done after {seconds:.0f} s") from None
    said = done.stdout + done.stderr
    if done.returncode not in (0, *also_good):
        last = " | ".join(line.strip() for line in said.splitlines()[-3:])
        raise ProgramFailed(f"{name} ended with {done.returncode}: {last or 'no word'}")
    return done.returncode, said


def count(name: str, **dimensions: str) -> None:
    """Count one occurrence of `name`, as chalicelib/metrics.py does, which this image has not: a line of the log in the
    embedded format of CloudWatch. Nothing where no environment is named, as on a laptop."""
    environment = os.environ.get("RECRUITPRO_ENVIRONMENT")
    if environment is None:
        return
    told = {"environment": environment, **dimensions}
    metric = {"Namespace": NAMESPACE, "Dimensions": [list(told)], "Metrics": [{"Name": name, "Unit": "Count"}]}
    moment = int(datetime.now(UTC).timestamp() * 1000)
    print(json.dumps({"_aws": {"Timestamp": moment, "CloudWatchMetrics": [metric]}, **told, name: 1}), flush=True)


def say(message: str, **fields: Any) -> None:
    """One line of log, as the functions write theirs."""
    line = {"level": "INFO", "message": message, "timestamp": datetime.now(UTC).isoformat(), **fields}
    print(json.dumps(line), flush=True)
