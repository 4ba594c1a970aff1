"""One invocation of a function that dies at a given line, as by kill -9: `crashing.py <module> <line> < event`."""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module
from typing import Any, NoReturn

from chalicelib.jobs import repository
from chalicelib.logs import log
from infra.local import delivery, pump


def die(*_: object, **__: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def dying_after(act: Any) -> Any:
    def run(*given: object, **named: object) -> None:
        act(*given, **named)
        die()

    return run


def main() -> None:
    module, line = sys.argv[1:]
    handler = pump.handler_of(import_module(module))
    if line == "after the claim":
        repository.hold = die
    elif line == "before the commit":
        repository.succeed = dying_after(repository.succeed)
    elif line == "after the commit":
        log.info = die  # type: ignore[method-assign]
    handler(json.load(sys.stdin), delivery.context(module))


if __name__ == "__main__":
    main()
