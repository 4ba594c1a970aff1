"""What Lambda does with a handler, in a process that knows nothing but the unpacked package and Python's own library.

Started as `python -I -S -B run_packaged.py TASK_ROOT HANDLER EVENT_JSON OUTCOME_FILE`; a HANDLER `probe.x` is the
function `x` of this file. It imports nothing of the repository. Everything that was imported from elsewhere is named in
the outcome.
"""

from __future__ import annotations

import base64
import importlib
import json
import os
import pkgutil
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any


class Context:
    """As much of Lambda's context as a handler may look at."""

    aws_request_id = "11111111-2222-3333-4444-555555555555"
    function_name = "recruitpro-dev-function"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:recruitpro-dev-function"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 10_000


def strangers(task_root: str) -> list[str]:
    """Modules that came neither from the package nor from Python's own library."""
    known = (task_root, sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["platstdlib"], __file__)
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return sorted({file for file in files if file and not os.path.realpath(file).startswith(_real(known))})


def _real(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(os.path.realpath(path) for path in paths)


def import_all(event: dict[str, Any], _context: Context) -> list[str]:
    """Import every module below `roots`; the names of them all."""
    names = []
    for root in event["roots"]:
        for module in pkgutil.walk_packages(importlib.import_module(root).__path__, f"{root}."):
            if module.name not in event["but"]:
                importlib.import_module(module.name)
                names.append(module.name)
    return names


def read_document(event: dict[str, Any], _context: Context) -> str:
    """The text of a document, read by the package's own libraries."""
    reader = importlib.import_module("chalicelib.resumes.reader")
    limits = importlib.import_module("chalicelib.resumes.limits")
    content = base64.b64decode(event["content"])
    return str(reader.read_here(content, filename=event["filename"], limits=limits.ReadingLimits(20.0, 512, 100)).text)


def make_clients(event: dict[str, Any], _context: Context) -> list[str]:
    """Make a boto3 client of each service; the names of those that could be made."""
    boto3 = importlib.import_module("boto3")
    return [
        boto3.client(name, region_name="eu-central-1").meta.service_model.service_name for name in event["services"]
    ]


def newest_migration(_event: dict[str, Any], _context: Context) -> str:
    """The newest schema change that the package can find."""
    return str(importlib.import_module("chalicelib.migrations").newest())


PROBES = {probe.__name__: probe for probe in (import_all, read_document, make_clients, newest_migration)}


def main(task_root: str, handler: str, event: str, outcome_file: str) -> None:
    sys.path.insert(0, task_root)
    outcome: dict[str, Any] = {}
    module_name, name = handler.rsplit(".", 1)
    started = time.perf_counter()
    handle = PROBES[name] if module_name == "probe" else getattr(importlib.import_module(module_name), name)
    outcome["import_ms"] = round((time.perf_counter() - started) * 1000)
    try:
        outcome["answer"] = handle(json.loads(event), Context())
    except Exception as error:
        outcome["error"] = [type(error).__module__, type(error).__name__, str(error)]
    outcome["strangers"] = strangers(task_root)
    Path(outcome_file).write_text(json.dumps(outcome))


if __name__ == "__main__":
    main(*sys.argv[1:])
