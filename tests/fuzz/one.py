"""`python -m tests.fuzz.one TARGET SEED_FOLDER -max_total_time=...`: one target under atheris, in a process of its own.

Started by `python -m tests.fuzz`; ends with libFuzzer's own code, 0 when nothing was found.
"""

from __future__ import annotations

import logging
import sys

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]


def main(arguments: list[str]) -> None:
    name, *rest = arguments
    with atheris.instrument_imports(include=["chalicelib"]):
        from tests.fuzz.targets import TARGETS
    logging.disable()
    atheris.Setup([sys.argv[0], *rest], TARGETS[name].run)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
