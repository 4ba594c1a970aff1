"""Lines at which a process of the run dies when it is told to, and notes of what it has in hand.

A trap is a file named for role and line, which holds the number of a signal: SIGKILL, or SIGSTOP for one that is to be
frozen there. Whoever removes it first gets the signal.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from chalicelib.documents import keeping
from chalicelib.jobs import relay, repository, running
from chalicelib.jobs.models import JobMessage
from chalicelib.outbound.client import Sender
from chalicelib.privacy import objects
from tests.queue_server import QueueClient

Act = Callable[..., Any]


class Traps:
    """The traps of one process."""

    def __init__(self, folder: Path, role: str) -> None:
        self._folder, self._role = folder, role

    def spring(self, line: str, last_words: Callable[[], None] = lambda: None) -> None:
        """Die (or freeze) here, if a trap is set, after `last_words`."""
        path = path_of(self._folder, self._role, line)
        if not path.exists():
            return
        try:
            number = int(path.read_text())
            path.unlink()
        except FileNotFoundError:
            return
        last_words()
        os.kill(os.getpid(), number)

    def before(self, line: str, act: Act) -> Act:
        def trapped(*given: Any, **named: Any) -> Any:
            self.spring(line)
            return act(*given, **named)

        return trapped

    def after(self, line: str, act: Act) -> Act:
        def trapped(*given: Any, **named: Any) -> Any:
            result = act(*given, **named)
            self.spring(line)
            return result

        return trapped


def set_trap(folder: Path, role: str, line: str, number: signal.Signals) -> None:
    """Set a trap; it is there as a whole or not at all."""
    half = folder / "half-a-trap"
    half.write_text(str(int(number)))
    half.rename(path_of(folder, role, line))


def path_of(folder: Path, role: str, line: str) -> Path:
    """Where a trap is set."""
    return folder / "traps" / f"{role}.{line}"


class Journal:
    """Lines that outlive their writer: each is with the kernel when `write` returns."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, **fact: Any) -> None:
        os.write(self._file, json.dumps(fact).encode() + b"\n")


class TrappedClient(QueueClient):
    """Queues whose user may die before or after a delete."""

    traps: Traps

    def delete_batch(self, queue: str, receipts: Sequence[str]) -> None:
        self.traps.spring("not_deleted")
        super().delete_batch(queue, receipts)
        self.traps.spring("deleted")


def lay(folder: Path, role: str) -> Traps:
    """Lay every trap in the machinery of jobs and beside what reaches out of the database, in this process."""
    traps = Traps(folder, role)
    jobs: Any = repository
    runs: Any = running
    relays: Any = relay
    jobs.claim = _noting(folder / "claims" / str(os.getpid()), jobs.claim)
    jobs.hold = traps.before("work_done", jobs.hold)
    jobs.succeed = traps.after("success_uncommitted", jobs.succeed)
    jobs.retry = traps.after("retry_uncommitted", jobs.retry)
    jobs.end = traps.after("end_uncommitted", jobs.end)
    jobs.split = traps.after("split_uncommitted", jobs.split)
    jobs.checkpoint = traps.after("step_uncommitted", jobs.checkpoint)
    jobs.forget_sent = traps.before("sent_not_forgotten", jobs.forget_sent)
    jobs.revive = traps.after("revived_uncommitted", jobs.revive)
    runs._do = traps.before("claimed", runs._do)
    runs.attempt = traps.after("committed", runs.attempt)
    relays.send_now = traps.before("committed_not_sent", relays.send_now)
    relays._send = traps.before("before_sending", relays._send)
    hooks: Any = Sender
    hooks.post = traps.after("hook_taken", hooks.post)
    files: Any = keeping
    files.copy_clean = traps.after("copied", files.copy_clean)
    erasing: Any = objects
    erasing.erase = traps.after("objects_erased", erasing.erase)
    return traps


def _noting(path: Path, claim: Act) -> Act:
    """Keep the ids of the jobs that this process has in hand where others find them after its death."""

    def noted(*given: Any, **named: Any) -> Any:
        rows = claim(*given, **named)
        path.write_text("\n".join(str(row.id) for row in rows))
        return rows

    return noted


def keep_books(journal: Journal, traps: Traps) -> None:
    """Write down which jobs this process asks for: when they are written, and when they are known to be committed. A
    trap between the two dooms them."""
    jobs: Any = repository
    relays: Any = relay
    insert, send_now = jobs.insert, relays.send_now

    def written(*given: Any, **named: Any) -> Any:
        found: Iterable[Any] = insert(*given, **named)
        ids = [str(each) for each in found]
        journal.write(fact="written", ids=ids)
        traps.spring("asked_uncommitted", lambda: journal.write(fact="doomed", ids=ids))
        return found

    def committed(messages: Sequence[JobMessage]) -> None:
        journal.write(fact="committed", ids=[str(message.job_id) for message in messages])
        send_now(messages)

    jobs.insert, relays.send_now = written, committed
