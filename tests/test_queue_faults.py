"""What the queue double can do and moto cannot: fairness, retention, moves at a rate, faults by seed, and speed."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from chalicelib import clients
from chalicelib.clients import QueueUnavailable
from chalicelib.jobs.models import JobKind, JobMessage
from tests.queue_delivery import Handler, deliver, drain
from tests.queue_double import ByHand, QueueDouble
from tests.queue_faults import Fault, Faults
from tests.queue_jobs import CallFailed, Counts, Entry, JobQueues, Message, MoveStatus, QueueRefusal, arn_of, installed

DAY = 86_400


@pytest.fixture
def double() -> ByHand:
    double = ByHand()
    double.create_queue("dead", retention_seconds=14 * DAY)
    double.create_queue("work", dead_letter="dead", max_receive_count=2)
    return double


def faulty(fault: Fault, chance: float = 1.0) -> ByHand:
    double = ByHand(Faults(7, {fault: chance}))
    double.create_queue("work", visibility_seconds=30)
    return double


def send(queues: JobQueues, *bodies: str, group: str | None = None) -> None:
    for start in range(0, len(bodies), 10):
        queues.send_batch("work", [Entry(body, group=group) for body in bodies[start : start + 10]])


def bodies_of(messages: list[Message]) -> list[str]:
    return [message.body for message in messages]


def bury(double: ByHand, *bodies: str) -> None:
    """Send messages and receive them until they are in the dead-letter queue."""
    send(double, *bodies)
    while double.counts("work").total:
        for message in double.receive("work"):
            double.change_visibility("work", message.receipt, 0)


def test_a_noisy_group_does_not_delay_a_quiet_one(double: ByHand) -> None:
    send(double, *(f"noisy {number}" for number in range(1000)), group="noisy")
    for _ in range(3):
        assert len(double.receive("work")) == 10
    send(double, "quiet 1", "quiet 2", group="quiet")

    batch = bodies_of(double.receive("work"))

    assert batch[:2] == ["quiet 1", "quiet 2"]
    assert len(batch) == 10


def test_a_group_with_few_messages_in_flight_is_not_noisy(double: ByHand) -> None:
    send(double, *(f"first {number}" for number in range(15)), group="first")
    double.receive("work")
    send(double, "second", group="second")
    assert bodies_of(double.receive("work"))[-1] == "second"


def test_a_group_that_takes_the_consumers_time_is_noisy(double: ByHand) -> None:
    send(double, *(f"slow {number}" for number in range(20)), group="slow")
    (slow,) = double.receive("work", limit=1)
    double.pass_by(20)
    double.delete_batch("work", [slow.receipt])
    send(double, "quick", group="quick")
    assert bodies_of(double.receive("work"))[0] == "quick"


def test_a_noisy_group_is_served_when_nobody_else_waits(double: ByHand) -> None:
    send(double, *(f"noisy {number}" for number in range(100)), group="noisy")
    assert sum(len(double.receive("work")) for _ in range(10)) == 100


def test_of_two_noisy_groups_the_one_with_fewer_messages_in_flight_goes_first(double: ByHand) -> None:
    send(double, *["a"] * 200, group="a")
    send(double, *["b"] * 200, group="b")
    shares = Counter(body for _ in range(20) for body in bodies_of(double.receive("work")))
    assert abs(shares["a"] - shares["b"]) <= 2


def test_messages_are_gone_after_the_retention_time_even_those_in_flight(double: ByHand) -> None:
    double.create_queue("short", retention_seconds=60)
    double.send_batch("short", [Entry("one"), Entry("two")])
    double.receive("short", limit=1, visibility_seconds=600)
    double.pass_by(59)
    assert double.counts("short") == Counts(1, 1, 0)
    double.pass_by(1)
    assert double.counts("short").total == 0


def test_a_buried_message_keeps_its_age(double: ByHand) -> None:
    bury(double, "poison")
    double.pass_by(13 * DAY)
    assert double.oldest_age_seconds("dead") == 13 * DAY
    double.pass_by(DAY)
    assert double.counts("dead").total == 0


def test_only_a_dead_letter_queue_can_be_moved(double: ByHand) -> None:
    with pytest.raises(QueueRefusal) as refused:
        double.start_move("work")
    assert refused.value.code == "InvalidParameterValue"


def test_a_move_takes_its_time_when_it_has_a_rate(double: ByHand) -> None:
    bury(double, *(str(number) for number in range(20)))
    handle = double.start_move("dead", per_second=2)
    double.pass_by(3)
    (move,) = double.moves("dead")
    assert (move.status, move.moved, move.to_move) == (MoveStatus.RUNNING, 6, 20)
    with pytest.raises(QueueRefusal) as refused:
        double.start_move("dead")
    assert refused.value.code == "UnsupportedOperation"
    assert double.cancel_move(handle) == 6
    assert (double.counts("work").total, double.counts("dead").total) == (6, 14)
    double.start_move("dead")
    assert double.counts("work").total == 20


def test_a_move_may_lead_elsewhere(double: ByHand) -> None:
    double.create_queue("elsewhere")
    bury(double, "poison")
    double.start_move("dead", "elsewhere")
    assert bodies_of(double.receive("elsewhere")) == ["poison"]


def test_a_moved_message_ages_anew(double: ByHand) -> None:
    bury(double, "poison")
    double.pass_by(13 * DAY)
    double.start_move("dead")
    assert double.oldest_age_seconds("work") == 0


def test_a_duplicate_comes_although_the_first_delivery_was_deleted() -> None:
    double = faulty(Fault.DUPLICATE)
    send(double, "one")
    (first,) = double.receive("work")
    double.delete_batch("work", [first.receipt])
    double.pass_by(30)
    (second,) = double.receive("work")
    assert (second.id, second.body) == (first.id, "one")
    assert second.receipt != first.receipt


def test_a_reordered_batch_holds_the_newest_first() -> None:
    double = faulty(Fault.REORDERED)
    send(double, *(str(number) for number in range(20)))
    batch = bodies_of(double.receive("work"))
    assert set(batch) == {str(number) for number in range(10, 20)}
    assert batch != sorted(batch)


def test_a_late_message_shows_itself_within_the_time_of_the_plan() -> None:
    double = faulty(Fault.LATE)
    send(double, "late")
    assert double.receive("work") == []
    double.pass_by(30)
    assert bodies_of(double.receive("work")) == ["late"]


def test_after_a_lost_delete_the_message_comes_again() -> None:
    double = faulty(Fault.LOST_DELETE)
    send(double, "one")
    double.delete_batch("work", [double.receive("work")[0].receipt])
    assert double.receive("work") == []
    double.pass_by(30)
    assert bodies_of(double.receive("work")) == ["one"]


def test_after_a_lost_receive_the_messages_come_back() -> None:
    double = faulty(Fault.LOST_RECEIVE)
    send(double, "one")
    assert double.receive("work") == []
    assert double.counts("work") == Counts(0, 1, 0)
    double.pass_by(30)
    assert double.counts("work") == Counts(1, 0, 0)


@pytest.mark.parametrize(("fault", "stored"), [(Fault.SENT_AND_FAILED, 1), (Fault.NOT_SENT, 0)])
def test_a_failed_send_may_have_stored_its_messages_or_not(fault: Fault, stored: int) -> None:
    double = faulty(fault)
    double.create_queue("high")
    with pytest.raises(CallFailed):
        send(double, "one")
    assert double.counts("work").total == stored
    with pytest.raises(QueueUnavailable):
        double.send("high", [JobMessage(uuid4(), uuid4(), JobKind.SCREEN_CANDIDATE)])


def test_visibility_may_be_impossible_to_change() -> None:
    double = faulty(Fault.DELAY_FAILED)
    send(double, "one")
    (message,) = double.receive("work")
    with pytest.raises(CallFailed):
        double.delay(arn_of("work"), message.receipt, 5)


def test_the_same_seed_gives_the_same_faults() -> None:
    def history(seed: int) -> list[list[str]]:
        double = ByHand(Faults(seed, {Fault.DUPLICATE: 0.2, Fault.REORDERED: 0.2, Fault.LATE: 0.2}))
        double.create_queue("work", visibility_seconds=1)
        send(double, *(str(number) for number in range(50)))
        batches = []
        for _ in range(30):
            batches.append(bodies_of(double.receive("work")))
            double.pass_by(1)
        return batches

    assert history(1) == history(1)
    assert history(1) != history(2)


def test_faults_are_counted() -> None:
    double = faulty(Fault.LOST_DELETE, 0.5)
    for _ in range(100):
        send(double, "one")
    while messages := double.receive("work"):
        double.delete_batch("work", [message.receipt for message in messages])
    assert double.faults.struck[Fault.LOST_DELETE] == double.counts("work").total > 20


def failing(*bodies: str) -> Handler:
    """A function that names the messages with these bodies as failed."""
    return lambda event: {
        "batchItemFailures": [
            {"itemIdentifier": record["messageId"]} for record in event["Records"] if record["body"] in bodies
        ]
    }


def test_lambda_deletes_what_a_function_does_not_name_as_failed(double: ByHand) -> None:
    send(double, "good", "bad")
    assert deliver(double, "work", failing("bad")) == 2
    assert double.counts("work") == Counts(0, 1, 0)
    double.pass_by(30)
    assert bodies_of(double.receive("work")) == ["bad"]


def test_lambda_gathers_a_large_batch_by_several_receives(double: ByHand) -> None:
    events: list[dict[str, Any]] = []
    send(double, *(str(number) for number in range(250)))
    assert deliver(double, "work", events.append, batch_size=200) == 200
    assert len(events[0]["Records"]) == 200
    assert double.counts("work").total == 50


def test_without_reported_failures_lambda_deletes_the_whole_batch(double: ByHand) -> None:
    send(double, "good", "bad")
    deliver(double, "work", failing("bad"), reports_failures=False)
    assert double.counts("work").total == 0


def test_a_function_that_raises_keeps_its_batch(double: ByHand) -> None:
    send(double, "one", "two")
    deliver(double, "work", lambda event: event["nothing"])
    assert double.counts("work") == Counts(0, 2, 0)


@pytest.mark.parametrize("answer", [{"batchItemFailures": [{"itemIdentifier": "nobody"}]}, {"batchItemFailures": [{}]}])
def test_an_answer_that_names_no_message_of_the_batch_keeps_the_batch(double: ByHand, answer: object) -> None:
    send(double, "one")
    deliver(double, "work", lambda event: answer)  # type: ignore[arg-type, return-value]
    assert double.counts("work") == Counts(0, 1, 0)


def test_an_event_is_the_one_that_lambda_makes(double: ByHand) -> None:
    events: list[dict[str, Any]] = []
    send(double, "one", group="acme")
    deliver(double, "work", events.append)
    (record,) = events[0]["Records"]
    assert record["body"] == "one"
    assert record["eventSourceARN"] == arn_of("work")
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["attributes"]["MessageGroupId"] == "acme"
    assert int(record["attributes"]["SentTimestamp"]) == double.hand.now() * 1000
    json.dumps(events)


def test_the_double_serves_as_the_queues_of_jobs() -> None:
    double = ByHand()
    double.create_job_queues()
    message = JobMessage(uuid4(), uuid4(), JobKind.SCREEN_CANDIDATE)
    with installed(double):
        clients.queues().check()
        clients.queues().send("high", [message] * 25)
        seen: list[JobMessage] = []

        def handler(event: dict[str, Any]) -> None:
            for record in event["Records"]:
                seen.append(JobMessage.of_json(json.loads(record["body"])))
                clients.queues().delay(record["eventSourceARN"], record["receiptHandle"], 5)

        assert drain(double, {"high": handler}) == 25
    assert set(seen) == {message}


def test_given_up_jobs_can_be_counted_taken_and_deleted() -> None:
    double = ByHand()
    double.create_job_queues(max_receive_count=1)
    queues: clients.Queues = double
    queues.send("high", [JobMessage(uuid4(), uuid4(), JobKind.SCREEN_CANDIDATE)] * 2)
    double.receive("high")
    double.pass_by(60)
    double.receive("high")

    assert queues.count_dead("high") == 2
    letters = queues.take_dead("high")
    queues.delete_dead("high", letters[:1])
    assert (len(letters), queues.count_dead("high"), queues.take_dead("high")) == (2, 1, [])
    double.pass_by(30)
    taken = queues.take_dead("high")
    assert [(letter.id, letter.body) for letter in taken] == [(letters[1].id, letters[1].body)]
    assert queues.take_dead("high") == []
    queues.release_dead("high", taken)
    assert [letter.id for letter in queues.take_dead("high")] == [letters[1].id]


def test_a_hundred_thousand_messages_stay_quick() -> None:
    double = QueueDouble()
    double.create_queue("work")
    started = time.perf_counter()
    for number in range(10_000):
        double.send_batch("work", [Entry("x", group=str(number % 50))] * 10)
    received = 0
    while messages := double.receive("work"):
        received += len(messages)
        double.delete_batch("work", [message.receipt for message in messages])
    assert received == 100_000
    assert double.counts("work").total == 0
    assert time.perf_counter() - started < 30
