"""clamd with definitions that stay new: `python -m infra.scanner.serve`, the one process of the container.

It waits for definitions before it starts clamd, looks for newer ones every hour, and ends when clamd does, so that the
service starts another container.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from infra.scanner.bucket import Definitions
from infra.scanner.check import PORT, ask
from infra.scanner.keeping import Shelf
from infra.scanner.manifest import DefinitionsRefused
from infra.scanner.programs import say

CLAMD_CONF = Path(__file__).with_name("clamd.conf")
EVERY_SECONDS = 3600.0
SPREAD = secrets.SystemRandom()
FIRST_SECONDS = 15.0  # between two looks for the first definitions
STOP_SECONDS = 100.0  # below the stopTimeout of the task, so that a scan can come to its end


class Keeper:
    """Takes definitions, and tells clamd."""

    def __init__(self, bucket: Definitions, shelf: Shelf, *, max_age_hours: float, port: int = PORT) -> None:
        self._bucket, self._shelf, self._max_age_hours, self._port = bucket, shelf, max_age_hours, port

    def has_definitions(self) -> bool:
        return self._shelf.manifest() is not None

    def take(self) -> bool:
        """Whether other definitions are in use than before; says why when they cannot be had. Never raises."""
        try:
            is_new = self._shelf.take(self._bucket, now=datetime.now(UTC), max_age_hours=self._max_age_hours)
        except (DefinitionsRefused, BotoCoreError, ClientError, OSError) as failure:
            say("definitions_not_taken", reason=str(failure))
            return False
        if is_new:
            manifest = self._shelf.manifest()
            say("definitions_taken", version=manifest.version if manifest else None)
        return is_new

    def reload(self) -> None:
        """Let clamd load what is in use now; it goes on scanning with what it had meanwhile. Never raises."""
        try:
            say("definitions_reloading", answer=ask("RELOAD", port=self._port))
        except OSError as failure:
            say("definitions_not_reloaded", reason=str(failure))


def keep(keeper: Keeper, stopping: threading.Event, *, every_seconds: float = EVERY_SECONDS) -> None:
    """Look for newer definitions until told to stop. Containers that were started together drift apart."""
    while not stopping.wait(every_seconds * SPREAD.uniform(0.8, 1.0)):
        if keeper.take():
            keeper.reload()


def wait_for_definitions(keeper: Keeper, stopping: threading.Event, *, seconds: float) -> bool:
    """Whether there are definitions to begin with; False when told to stop before. The health check fails meanwhile."""
    while not keeper.has_definitions() and not keeper.take():
        if stopping.wait(seconds):
            return False
    return not stopping.is_set()


def serve(
    keeper: Keeper,
    stopping: threading.Event,
    start: Callable[[], subprocess.Popen[bytes]],
    *,
    first_seconds: float = FIRST_SECONDS,
) -> int:
    """Run clamd until it ends or we are told to; the exit code."""
    if not wait_for_definitions(keeper, stopping, seconds=first_seconds):
        return 0
    clamd = start()
    threading.Thread(target=keep, args=(keeper, stopping), daemon=True).start()
    while clamd.poll() is None and not stopping.wait(1):
        pass
    if clamd.poll() is not None:
        say("clamd_ended", code=clamd.returncode)
        return 1
    clamd.terminate()
    try:
        clamd.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        clamd.kill()
    return 0


def main() -> int:
    import boto3

    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    bucket = Definitions(boto3.client("s3"), os.environ["DEFINITIONS_BUCKET"])
    shelf = Shelf(Path(os.environ["DEFINITIONS_FOLDER"]))
    keeper = Keeper(bucket, shelf, max_age_hours=float(os.environ["DEFINITIONS_MAX_AGE_HOURS"]))
    return serve(keeper, stopping, lambda: subprocess.Popen(["clamd", f"--config-file={CLAMD_CONF}"]))


if __name__ == "__main__":
    sys.exit(main())
