"""`python -m infra.local run | stack | reset`: what `make run`, `make stack` and `make reset` call."""

from __future__ import annotations

import shutil
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType

import click

from infra.local.console import Steps
from infra.local.processes import LocalMistake
from infra.local.stack import FOLDER, Stack, held


class Stopped(BaseException):
    """Somebody asked the stack to end."""


def _stop_on_signals() -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        # Once is enough: a second Ctrl-C must not leave the tidying half done.
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, stop)


def _run(stack: Stack, steps: Steps, folder: Path) -> None:
    _stop_on_signals()
    try:
        stack.run()
    except Stopped:
        steps.say("stopped: no process is left, the data is kept")
    except LocalMistake as mistake:
        steps.say(f"error: {mistake}")
        sys.exit(1)
    except Exception as failure:
        log = folder / "logs" / "stack.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(traceback.format_exc())
        first_line = str(failure).split("\n")[0]
        steps.say(f"error: {type(failure).__name__}: {first_line} (details: {log})")
        sys.exit(1)


@click.group(help="The local environment of RecruitPro; its data lives in .local/.")
def main() -> None:
    pass


folder_option = click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=FOLDER, help="where the data lives"
)


@main.command()
@folder_option
@click.option("--port", envvar="PORT", type=click.IntRange(1, 65535), default=8000, show_default=True)
def run(port: int, folder: Path) -> None:
    """Start everything and serve HTTP on 127.0.0.1."""
    steps = Steps()
    _run(Stack(steps, port=port, folder=folder.resolve()), steps, folder)


@main.command()
@folder_option
def stack(folder: Path) -> None:
    """Start everything but HTTP, for chalice local."""
    steps = Steps()
    _run(Stack(steps, port=None, folder=folder.resolve()), steps, folder)


@main.command()
@folder_option
def reset(folder: Path) -> None:
    """Forget all data of the local environment."""
    if not folder.exists():
        click.echo("there is nothing to forget")
        return
    try:
        with held(folder, None):
            shutil.rmtree(folder)
    except LocalMistake as mistake:
        click.echo(f"error: {mistake}")
        sys.exit(1)
    click.echo("the local data is gone; make run starts afresh")


if __name__ == "__main__":
    main(prog_name="python -m infra.local")
