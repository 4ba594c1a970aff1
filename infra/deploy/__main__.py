"""Deploys, shows, goes back, removes: `python -m infra.deploy deploy --environment dev`, or `make deploy ENV=dev`.

Exit codes: 0 done, 1 failed (the last lines say what runs now), 2 refused (nothing was changed), 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from chalicelib.clock import utc_now
from infra import package
from infra.deploy import aws, deploying, others
from infra.deploy.deploying import Wish
from infra.deploy.errors import Refused, Stopped
from infra.deploy.place import Packager, Place
from infra.local.console import Steps
from infra.packaging import staging
from infra.packaging.errors import PackageRefused
from infra.smoke.__main__ import run, wish_of

FAILED, REFUSED, INTERRUPTED = 1, 2, 130
SMOKE_TRIES, SMOKE_PAUSE_SECONDS = 6, 20.0  # a new scanner needs a minute or two for its definitions


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    told = _parser().parse_args(arguments)
    steps = Steps()
    try:
        known = staging.environments(package.ROOT)
        if told.environment not in known:
            raise Refused(f"there is no environment {told.environment!r}: {', '.join(known)}")
        _do(told, _place(told, steps))
    except Refused as refusal:
        steps.console.print(f"[red]refused:[/] {_plain(refusal)}")
        return REFUSED
    except Stopped as failure:
        steps.console.print(f"[red]failed:[/] {_plain(failure)}")
        return FAILED
    except (ClientError, BotoCoreError) as error:
        steps.console.print(f"[red]failed:[/] AWS said: {_plain(error)}\nRun it again when that is mended.")
        return FAILED
    except KeyboardInterrupt:
        steps.console.print("interrupted: nothing was executed. Run it again at any time.")
        return INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("deploy", "package, upload, show, migrate, execute, look; back again when it does not work"),
        ("diff", "show what a deployment would change"),
        ("rollback", "bring back an earlier release"),
        ("destroy", "remove an environment, never production"),
    ):
        command = commands.add_parser(name, help=what, description=what)
        command.add_argument("--environment", required=True)
        command.add_argument("--yes", action="store_true", help="agree beforehand")
        if name in {"deploy", "diff"}:
            command.add_argument(
                "--allow-dirty", action="store_true", help="deploy what no commit holds (not production)"
            )
            command.add_argument(
                "--package", type=Path, help="a package made before (make package), instead of a new one"
            )
        if name in {"deploy", "rollback"}:
            command.add_argument(
                "--allow-replacing",
                action="append",
                default=[],
                metavar="LOGICAL_ID",
                help="it holds data and may be lost",
            )
        if name == "rollback":
            command.add_argument("--to", type=int, help="number of the release; without it the one before")
        if name == "destroy":
            command.add_argument("--name", help="the environment once more, for staging")
    return parser


def _do(told: argparse.Namespace, place: Place) -> None:
    wish = Wish(getattr(told, "allow_dirty", False), getattr(told, "allow_replacing", ()), told.yes)
    match told.command:
        case "deploy":
            deploying.deploy(place, wish)
        case "diff":
            others.diff(place, wish)
        case "rollback":
            others.rollback(place, wish, told.to)
        case "destroy":
            others.destroy(place, told.name, is_agreed=told.yes)


def _place(told: argparse.Namespace, steps: Steps) -> Place:
    def look(url: str, environment: str) -> list[str]:
        return _smoke(steps, url, environment)

    return Place(
        environment=told.environment,
        aws=aws.connect(),
        steps=steps,
        package=_made_before(told.package) if getattr(told, "package", None) else _package,
        smoke=look,
        confirm=_confirm,
        now=utc_now,
    )


def _package(environment: str, folder: Path) -> dict[str, Any]:
    return package.make(package.Wish(environment), folder)


def _made_before(made: Path) -> Packager:
    """Takes the package in the folder `made`, if it is one of this very code for this environment."""

    def take(environment: str, folder: Path) -> dict[str, Any]:
        try:
            manifest: dict[str, Any] = json.loads((made / "manifest.json").read_text())
        except (OSError, ValueError) as error:
            raise PackageRefused(f"{made} holds no package ({error}): make package") from error
        if manifest["environment"] != environment or "package" not in manifest:
            raise PackageRefused(f"{made} holds no whole package of {environment}: make package ENV={environment}")
        if manifest["source"] != staging.digest(package.ROOT):
            raise PackageRefused(f"{made} was made of other code than lies here: make package ENV={environment}")
        shutil.copytree(made, folder)
        return manifest

    return take


def _smoke(steps: Steps, url: str, environment: str) -> list[str]:
    """What is still wrong after a while: a new function and a new scanner do not answer at once."""
    for attempt in range(SMOKE_TRIES):
        if attempt:
            steps.say(f"  not yet: again in {SMOKE_PAUSE_SECONDS:.0f} s")
            time.sleep(SMOKE_PAUSE_SECONDS)
        report = run(wish_of(url, environment, None, os.environ))
        if not report.failed:
            break
    report.show(steps.console)
    return [f"{each.name.strip()}: {each.detail}" for each in report.failed]


def _confirm(question: str) -> bool:
    if not sys.stdin.isatty():
        raise Refused("nobody is there to agree: give --yes (YES=1)")
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def _plain(error: BaseException) -> str:
    return escape(str(error))


if __name__ == "__main__":
    raise SystemExit(main())
