"""Amazon SQS standard queues in memory, with the semantics that moto lacks, and faults on request.

What SQS promises and what it does not: every message is delivered at least once and in no certain order; a received
message is in flight until it is deleted, or comes back when its visibility time-out ends; one that has been received
`max_receive_count` times goes to the dead-letter queue when it would be received again, with its id, its body and its
time of sending; all are gone after the retention time. A delete or a change of visibility counts for the delivery
whose receipt it names: with a receipt that a later delivery has outdated, a delete is accepted and deletes nothing,
and a change of visibility is refused. As long as nobody else has received the message, a delete is good even after
the visibility time-out.

Time is a `Clock`'s, so that tests need not sleep. All methods are safe for threads.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from random import getrandbits

from tests.queue_clock import Clock, HandClock, WallClock
from tests.queue_faults import Fault, Faults
from tests.queue_jobs import CallFailed, Counts, Entry, JobQueues, Message, Move, QueueRefusal
from tests.queue_limits import (
    IN_FLIGHT_LIMIT,
    LONGEST_VISIBILITY_SECONDS,
    check_batch,
    check_entry,
    check_receive,
    refuse_unless,
)
from tests.queue_moves import MoveTasks
from tests.queue_store import UNGROUPED, QueueStore, State, Stored

DAY_SECONDS = 86_400


def new_uuid() -> str:
    """A random UUID, without the price of real randomness."""
    digits = f"{getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


@dataclass(slots=True)
class _Queue:
    name: str
    visibility_seconds: float
    delay_seconds: float
    dead_letter: str | None
    max_receive_count: int
    store: QueueStore


class QueueDouble(JobQueues):
    """Any number of queues. As `clients.Queues` it serves those named as `chalicelib.jobs` names them."""

    def __init__(self, clock: Clock | None = None, faults: Faults | None = None) -> None:
        self.clock = clock or WallClock()
        self.faults = faults or Faults(0)
        self._changed = threading.Condition()
        self._queues: dict[str, _Queue] = {}
        self._tasks = MoveTasks(self._send_home)
        self._keys = count(1)

    def create_queue(
        self,
        name: str,
        *,
        visibility_seconds: float = 30,
        retention_seconds: float = 4 * DAY_SECONDS,
        delay_seconds: float = 0,
        dead_letter: str | None = None,
        max_receive_count: int = 5,
    ) -> None:
        """Make a queue; `dead_letter` names another queue, which exists already."""
        with self._changed:
            if dead_letter is not None:
                self._queue(dead_letter)
            store = QueueStore(retention_seconds)
            self._queues[name] = _Queue(name, visibility_seconds, delay_seconds, dead_letter, max_receive_count, store)

    def send_batch(self, queue: str, entries: Sequence[Entry]) -> list[str]:
        """Send one to ten messages, 1 MiB together; the message ids. Raises QueueRefusal, and CallFailed by fault."""
        check_batch([len(entry.body.encode()) for entry in entries])
        for entry in entries:
            check_entry(entry)
        with self._changed:
            target, now = self._settled(queue)
            if self.faults.strikes(Fault.NOT_SENT):
                raise CallFailed("the connection was refused")
            ids = [self._store(target, entry, now) for entry in entries]
            self._changed.notify_all()
            if self.faults.strikes(Fault.SENT_AND_FAILED):
                raise CallFailed("the connection broke before the answer")
            return ids

    def receive(
        self, queue: str, *, limit: int = 10, visibility_seconds: float | None = None, wait_seconds: float = 0
    ) -> list[Message]:
        """Up to ten messages, now in flight; waits up to 20 seconds for a first one."""
        check_receive(limit, visibility_seconds, wait_seconds)
        with self._changed:
            deadline = self.clock.now() + wait_seconds
            while True:
                source, now = self._settled(queue)
                found = self._take(source, limit, visibility_seconds, now, is_patient=wait_seconds > 0)
                if found and self.faults.strikes(Fault.LOST_RECEIVE):
                    return []
                if found or now >= deadline:
                    return found
                change = source.store.next_change_at
                self.clock.wait(self._changed, (deadline if change is None else min(deadline, change)) - now)

    def delete_batch(self, queue: str, receipts: Sequence[str]) -> None:
        """Delete the messages of these deliveries; an outdated receipt deletes nothing and is no error."""
        check_batch([0 for _ in receipts])
        with self._changed:
            source, now = self._settled(queue)
            for receipt in receipts:
                message = self._find(source, receipt)
                if message is not None and message.receipt == receipt and not self.faults.strikes(Fault.LOST_DELETE):
                    source.store.drop(message, now)

    def change_visibility(self, queue: str, receipt: str, seconds: float) -> None:
        """Bring a message in flight back `seconds` from now, 12 hours after its receipt at most. Refused when its
        delivery is outdated or its visibility time-out is over."""
        refuse_unless(0 <= seconds <= LONGEST_VISIBILITY_SECONDS, "InvalidParameterValue", "0 to 43200 seconds")
        with self._changed:
            source, now = self._settled(queue)
            if self.faults.strikes(Fault.DELAY_FAILED):
                raise CallFailed("the connection was refused")
            message = self._find(source, receipt)
            if message is None or message.receipt != receipt:
                raise QueueRefusal("InvalidParameterValue", "the message is gone or in somebody else's hands")
            refuse_unless(message.state is State.IN_FLIGHT, "MessageNotInflight", "its visibility time-out is over")
            longest = message.received_at + LONGEST_VISIBILITY_SECONDS
            refuse_unless(now + seconds <= longest, "InvalidParameterValue", "more than 12 hours since its receipt")
            if seconds:
                source.store.hold(message, now + seconds, now)
            else:
                source.store.release(message, now)
            self._changed.notify_all()

    def counts(self, queue: str) -> Counts:
        """How many messages there are, by what may be done with them."""
        with self._changed:
            found = self._settled(queue)[0].store.counts
            return Counts(found[State.READY], found[State.IN_FLIGHT], found[State.DELAYED])

    def oldest_age_seconds(self, queue: str) -> float:
        """Seconds since the oldest message was sent; 0 for an empty queue."""
        with self._changed:
            source, now = self._settled(queue)
            return max((now - message.sent_at for message in source.store.all()), default=0.0)

    def queue_names(self) -> list[str]:
        with self._changed:
            return list(self._queues)

    def purge(self, queue: str) -> None:
        """Delete every message, those in flight included."""
        with self._changed:
            source, now = self._settled(queue)
            for message in source.store.all():
                source.store.drop(message, now)

    def start_move(self, source: str, destination: str | None = None, *, per_second: float | None = None) -> str:
        """Move what a dead-letter queue holds now, back to where each message came from or to `destination`, at once
        or at a rate; the handle of the task. One task a queue at a time. A moved message is a new one: its id, its
        time of sending and its receive count begin anew."""
        with self._changed:
            queue, now = self._settled(source)
            is_dead_letter = any(each.dead_letter == source for each in self._queues.values())
            refuse_unless(is_dead_letter, "InvalidParameterValue", f"{source} is no queue's dead-letter queue")
            if destination is not None:
                self._queue(destination)
            keys = [message.key for message in queue.store.all() if message.state is State.READY]
            return self._tasks.start(source, destination, per_second, keys, now)

    def moves(self, source: str) -> list[Move]:
        """The ten most recent move tasks of a queue, newest first."""
        with self._changed:
            self._settled(source)
            return self._tasks.of(source)

    def cancel_move(self, handle: str) -> int:
        """Stop a running move; how many messages it had moved."""
        with self._changed:
            self._tasks.proceed(self.clock.now())
            return self._tasks.cancel(handle)

    def _queue(self, name: str) -> _Queue:
        if name not in self._queues:
            raise QueueRefusal("NonExistentQueue", f"there is no queue {name}")
        return self._queues[name]

    def _settled(self, name: str) -> tuple[_Queue, float]:
        """A queue after all that time has brought about, and the time."""
        queue, now = self._queue(name), self.clock.now()
        queue.store.advance(now)
        self._tasks.proceed(now)
        return queue, now

    def _store(self, queue: _Queue, entry: Entry, now: float) -> str:
        delay = queue.delay_seconds if entry.delay_seconds is None else entry.delay_seconds
        if self.faults.strikes(Fault.LATE):
            delay += self.faults.seconds(Fault.LATE, self.faults.late_seconds)
        message = Stored(next(self._keys), new_uuid(), entry.body, entry.group or UNGROUPED, now)
        queue.store.add(message, visible_at=now + delay, now=now)
        return message.message_id

    def _take(
        self, queue: _Queue, limit: int, visibility: float | None, now: float, *, is_patient: bool
    ) -> list[Message]:
        room = IN_FLIGHT_LIMIT - queue.store.counts[State.IN_FLIGHT]
        refuse_unless(room > 0 or is_patient, "OverLimit", "120,000 messages are in flight")
        is_reordered = self.faults.strikes(Fault.REORDERED) if queue.store.counts[State.READY] > 1 else False
        taken: list[Message] = []
        while len(taken) < min(limit, room):
            message = queue.store.take(newest=is_reordered)
            if message is None:
                break
            if queue.dead_letter is not None and message.receive_count >= queue.max_receive_count:
                self._bury(queue, message, now)
            else:
                seconds = queue.visibility_seconds if visibility is None else visibility
                taken.append(self._deliver(queue, message, seconds, now))
        if is_reordered:
            self.faults.shuffle(taken)
        return taken

    def _deliver(self, queue: _Queue, message: Stored, seconds: float, now: float) -> Message:
        message.receive_count += 1
        message.received_at = now
        message.first_received_at = message.first_received_at or now
        message.receipt = f"{message.key}.{message.receive_count}.{getrandbits(128):032x}"
        queue.store.hold(message, now + seconds, now)
        if self.faults.strikes(Fault.DUPLICATE):
            again = replace(message, key=next(self._keys), state=State.GONE, receipt=None)
            queue.store.add(again, visible_at=now + self.faults.seconds(Fault.DUPLICATE, seconds), now=now)
        return Message.of(message)

    def _bury(self, queue: _Queue, message: Stored, now: float) -> None:
        """Move a message that has been received often enough. It keeps its age: what is past the retention of the
        dead-letter queue by then is gone at once."""
        queue.store.drop(message, now)
        buried = replace(message, key=next(self._keys), state=State.GONE, source=queue.name, receipt=None)
        target = self._queue(str(queue.dead_letter)).store
        target.add(buried, visible_at=now, now=now)
        target.advance(now)
        self._changed.notify_all()

    def _find(self, queue: _Queue, receipt: str) -> Stored | None:
        parts = receipt.split(".")
        refuse_unless(len(parts) == 3 and parts[0].isdigit(), "ReceiptHandleIsInvalid", "this is no receipt handle")
        return queue.store.find(int(parts[0]))

    def _send_home(self, source: str, key: int, destination: str | None, now: float) -> bool:
        """Send a message of a dead-letter queue anew; False when it is not there to be sent, or has no home."""
        queue = self._queue(source)
        message = queue.store.find(key)
        target = destination or (message.source if message is not None else None)
        if message is None or target is None or message.state is not State.READY:
            return False
        queue.store.drop(message, now)
        self._store(self._queue(target), Entry(message.body, delay_seconds=0, group=message.group or None), now)
        self._changed.notify_all()
        return True


class ByHand(QueueDouble):
    """The double with a clock of its own that passes by hand."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.hand = HandClock()
        super().__init__(self.hand, faults)

    def pass_by(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.hand.pass_by(seconds)
