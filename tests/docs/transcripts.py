"""Pages whose commands are followed by what they printed: run again, and held against the page."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

BLOCK = re.compile(r"```sh\n(?P<command>.*?)```\n(?:```text\n(?P<output>.*?)```\n)?", re.DOTALL)
ENDED = "=== end of block {} ==="
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def commands(page: str) -> list[str]:
    """The commands of each block, in order."""
    return [found["command"] for found in BLOCK.finditer(page)]


def outputs(page: str) -> list[str]:
    """What the page says that each printed; nothing where it shows nothing."""
    return [found["output"] or "" for found in BLOCK.finditer(page)]


def run(page: str, *, skip: int, environment: Mapping[str, str], folder: Path) -> list[str]:
    """What each block prints, all in one shell that stops at the first that fails; the first `skip` are not run. Ids
    become `…`."""
    script = ["set -eo pipefail"]
    for number, command in enumerate(commands(page)):
        if number >= skip:
            script.append(command)
        script.append(f"echo '{ENDED.format(number)}'")
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode != 0:
        raise AssertionError(f"a command of the page failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    printed = re.split(r"=== end of block \d+ ===\n", done.stdout)[:-1]
    return [ID.sub("…", text) for text in printed]


def with_outputs(page: str, printed: list[str]) -> str:
    """`page` with what its blocks print now."""
    told = iter(printed)

    def block(found: re.Match[str]) -> str:
        output = next(told)
        return f"```sh\n{found['command']}```\n" + (f"```text\n{output}```\n" if output else "")

    return BLOCK.sub(block, page)
