"""One process of a chaos run: `python -m tests.chaos.process worker|asker|sweep FOLDER SEED`."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

from chalicelib import clients
from chalicelib.errors import RecruitProError
from infra.local import delivery, pump
from tests.chaos import hooks
from tests.chaos.options import BACKLOG, SWEEP_SECONDS
from tests.chaos.stores import FlakyScanner, FolderMail, FolderStorage
from tests.queue_delivery import deliver
from tests.queue_jobs import CallFailed, QueueRefusal, installed
from tests.queue_server import SECRET_VARIABLE, SOCKET_VARIABLE

# As the functions have it in app.py's template.
BATCH_SIZES = {"high": 10, "scan": 5, "default": 5, "low": 5, "webhook": 5}
IDLE_SECONDS = 0.03


def cut_small() -> None:
    """Cut imports into pieces, and undo them in steps, of a few rows, so that small files have many."""
    files: Any = import_module("chalicelib.bulk_imports.jobs")
    undoing: Any = import_module("chalicelib.bulk_imports.undoing")
    files.pieces = partial(files.pieces, rows_per_piece=12)
    files.PIECES_PER_STEP, undoing.ROWS_PER_STEP = 2, 8


def come_back_soon() -> None:
    """Try a webhook's receiver again after a second or two, not after hours; as often as ever."""
    deliveries: Any = import_module("chalicelib.webhooks.models")
    deliveries.DELAYS_SECONDS = tuple(1 + each % 2 for each in range(len(deliveries.DELAYS_SECONDS)))


def work(queues: hooks.TrappedClient, is_over: Path) -> None:
    """Deliver from every queue in turn to the real handlers, as Lambda does it."""
    functions = {queue: _handler(module) for queue, module in pump.QUEUE_FUNCTIONS.items()}
    while not is_over.exists():
        found = 0
        for queue, handler in functions.items():
            try:
                found += deliver(queues, queue, handler, batch_size=BATCH_SIZES[queue])
            except (CallFailed, QueueRefusal):
                continue
        if not found:
            time.sleep(IDLE_SECONDS)


def _handler(module: str) -> Any:
    handler = pump.handler_of(import_module(module))
    return lambda event: handler(event, delivery.context(module))


def sweep(is_over: Path) -> None:
    """The sweep on its schedule; a failed one is followed by the next."""
    handler = pump.handler_of(import_module("functions.relay_jobs"))
    while not is_over.exists():
        try:
            handler(delivery.scheduled_event("relay_jobs", region="eu-central-1"), delivery.context("relay_jobs"))
        except Exception as error:
            print(f"sweep: {error!r}", flush=True)
        time.sleep(SWEEP_SECONDS)


def ask(folder: Path, queues: hooks.TrappedClient, is_over: Path, random: Random) -> None:
    """Ask for work until told to stop, never far ahead of what is done."""
    from tests.chaos.asking import Asker
    from tests.chaos.ways import ASKS

    asker = Asker(folder / "houses.json", FolderStorage(folder), queues, random)
    while not is_over.exists():
        if sum(queues.counts(queue).visible for queue in pump.QUEUE_FUNCTIONS) > BACKLOG:
            time.sleep(IDLE_SECONDS)
            continue
        way = random.choices(list(ASKS), list(ASKS.values()))[0]
        try:
            way(asker)
        except (RecruitProError, CallFailed) as error:
            print(f"{way.__name__}: {error!r}", flush=True)
            time.sleep(0.1)


def main() -> None:
    role, folder, seed = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    traps = hooks.lay(folder, role)
    queues = hooks.TrappedClient(Path(os.environ[SOCKET_VARIABLE]), bytes.fromhex(os.environ[SECRET_VARIABLE]))
    queues.traps = traps
    clients.storage = lambda bucket: FolderStorage(folder, bucket)  # type: ignore[assignment]
    clients.scanner = lambda: FlakyScanner(folder)  # type: ignore[assignment]
    mail: Any = FolderMail(folder)
    mail.send = traps.after("mail_taken", mail.send)
    clients.mail = lambda: mail  # type: ignore[assignment]
    is_over = folder / f"{role}.over"
    with installed(queues):
        if role == "worker":
            cut_small()
            come_back_soon()
            work(queues, is_over)
        elif role == "sweep":
            sweep(is_over)
        else:
            hooks.keep_books(hooks.Journal(folder / "asked.jsonl"), traps)
            ask(folder, queues, is_over, Random(seed))


if __name__ == "__main__":
    main()
