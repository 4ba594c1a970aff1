"""The queue double behaves as SQS does; so does moto, but for what is named here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.house import Cloud
from tests.queue_double import ByHand
from tests.queue_jobs import Counts, Entry, JobQueues, Message, QueueRefusal
from tests.queue_limits import BYTES_LIMIT
from tests.queue_moto import MotoQueues

DAY = 86_400
# What moto gets wrong, by the test's name without "test_" and the id of its case: should it learn better, the strict
# mark says so.
MOTO_DIFFERS = {
    "a_delete_with_an_outdated_receipt_deletes_nothing": "any receipt of a message deletes it",
    "visibility_is_not_changed_by_an_outdated_receipt": "any receipt of a message changes its visibility",
    "visibility_is_not_changed_once_it_has_timed_out": "a message nobody has in hand can be hidden",
    "a_buried_message_says_where_it_came_from": "DeadLetterQueueSourceArn is never told",
    "a_batch_that_sqs_does_not_take_is_refused no body": "an empty body is taken",
    "a_batch_that_sqs_does_not_take_is_refused control character": "every character is taken",
    "a_batch_that_sqs_does_not_take_is_refused too long together": "length is counted in characters, not in bytes",
    "a_move_sends_buried_messages_home_as_new_ones": "StartMessageMoveTask does not exist",
}


Queues = ByHand | MotoQueues


@pytest.fixture(params=["double", "moto"])
def queues(request: pytest.FixtureRequest) -> Queues:
    if request.param == "double":
        return ByHand()
    case = request.node.callspec.id.removeprefix("moto").removeprefix("-")
    name = f"{request.node.originalname.removeprefix('test_')} {case}".strip()
    if (reason := MOTO_DIFFERS.get(name)) is not None:
        request.applymarker(pytest.mark.xfail(strict=True, reason=f"moto: {reason}"))
    cloud: Cloud = request.getfixturevalue("cloud_of_worker")
    return MotoQueues(cloud.client("sqs"))


@pytest.fixture
def double() -> ByHand:
    return ByHand()


def send(queues: JobQueues, *bodies: str, queue: str = "work", group: str | None = None) -> list[str]:
    return queues.send_batch(queue, [Entry(body, group=group) for body in bodies])


def receive_one(queues: JobQueues, queue: str = "work", **options: Any) -> Message:
    (message,) = queues.receive(queue, limit=1, **options)
    return message


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(QueueRefusal) as refused:
        call()
    return refused.value.code


def test_a_received_message_is_nobody_elses_until_it_is_deleted(queues: Queues) -> None:
    queues.create_queue("work")
    (message_id,) = send(queues, "one")
    assert queues.counts("work") == Counts(1, 0, 0)

    message = receive_one(queues)

    assert (message.id, message.body, message.receive_count) == (message_id, "one", 1)
    assert queues.receive("work") == []
    assert queues.counts("work") == Counts(0, 1, 0)
    queues.delete_batch("work", [message.receipt])
    assert queues.counts("work") == Counts(0, 0, 0)


def test_a_message_comes_back_after_its_visibility_time_out(queues: Queues) -> None:
    queues.create_queue("work", visibility_seconds=1)
    send(queues, "one")
    first = receive_one(queues)
    assert queues.receive("work") == []

    queues.pass_by(1.1)

    again = receive_one(queues)
    assert (again.id, again.receive_count) == (first.id, 2)
    assert again.receipt != first.receipt
    assert again.first_received_at == first.first_received_at


def test_a_receive_may_set_its_own_visibility_time_out(queues: Queues) -> None:
    queues.create_queue("work", visibility_seconds=1)
    send(queues, "one")
    receive_one(queues, visibility_seconds=60)

    queues.pass_by(1.1)

    assert queues.receive("work") == []


def test_a_message_in_flight_can_be_given_back_at_once(queues: Queues) -> None:
    queues.create_queue("work")
    send(queues, "one")
    queues.change_visibility("work", receive_one(queues).receipt, 0)
    assert receive_one(queues).receive_count == 2


def test_a_delete_is_good_after_the_visibility_time_out_while_nobody_else_has_it(queues: Queues) -> None:
    queues.create_queue("work", visibility_seconds=1)
    send(queues, "one")
    message = receive_one(queues)
    queues.pass_by(1.1)
    queues.delete_batch("work", [message.receipt])
    assert queues.receive("work") == []


def test_deleting_twice_is_no_error(queues: Queues) -> None:
    queues.create_queue("work")
    send(queues, "one")
    message = receive_one(queues)
    queues.delete_batch("work", [message.receipt])
    queues.delete_batch("work", [message.receipt])


def test_a_delayed_message_shows_itself_when_its_delay_is_over(queues: Queues) -> None:
    queues.create_queue("work")
    queues.send_batch("work", [Entry("later", delay_seconds=1)])
    assert queues.receive("work") == []
    assert queues.counts("work") == Counts(0, 0, 1)
    queues.pass_by(1.1)
    assert receive_one(queues).body == "later"


def test_a_queue_may_delay_all_of_its_messages(queues: Queues) -> None:
    queues.create_queue("work", delay_seconds=60)
    queues.send_batch("work", [Entry("later"), Entry("now", delay_seconds=0)])
    assert [message.body for message in queues.receive("work")] == ["now"]


def test_a_receive_waits_for_a_message(queues: Queues) -> None:
    queues.create_queue("work")
    queues.send_batch("work", [Entry("soon", delay_seconds=1)])
    assert receive_one(queues, wait_seconds=3).body == "soon"


def test_a_batch_holds_up_to_ten(queues: Queues) -> None:
    queues.create_queue("work")
    bodies = [str(number) for number in range(12)]
    send(queues, *bodies[:10])
    send(queues, *bodies[10:])
    batches = [queues.receive("work"), queues.receive("work")]
    assert [len(batch) for batch in batches] == [10, 2]
    assert {message.body for batch in batches for message in batch} == set(bodies)


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "EmptyBatchRequest"),
        ([Entry("one")] * 11, "TooManyEntriesInBatchRequest"),
        ([Entry("one", delay_seconds=901)], "InvalidParameterValue"),
        ([Entry("")], "MissingParameter"),
        ([Entry("a\x01b")], "InvalidMessageContents"),
        ([Entry("x" * (BYTES_LIMIT + 1))], "BatchRequestTooLong"),
        ([Entry("é" * (BYTES_LIMIT // 4))] * 2 + [Entry("x")], "BatchRequestTooLong"),
    ],
    ids=["empty batch", "eleven", "16 minutes", "no body", "control character", "too long", "too long together"],
)
def test_a_batch_that_sqs_does_not_take_is_refused(queues: Queues, entries: list[Entry], code: str) -> None:
    queues.create_queue("work")
    assert refusal(lambda: queues.send_batch("work", entries)) == code
    assert queues.counts("work").total == 0


def test_a_batch_of_exactly_one_mebibyte_is_taken(queues: Queues) -> None:
    queues.create_queue("work")
    queues.send_batch("work", [Entry("é" * (BYTES_LIMIT // 4))] * 2)
    assert queues.counts("work").total == 2


def test_calls_that_make_no_sense_are_refused(queues: Queues) -> None:
    queues.create_queue("work")
    send(queues, "one")
    receipt = receive_one(queues).receipt
    assert refusal(lambda: queues.receive("work", limit=11)) == "InvalidParameterValue"
    assert refusal(lambda: queues.receive("nowhere")) == "NonExistentQueue"
    assert refusal(lambda: queues.change_visibility("work", "no receipt", 1)) == "ReceiptHandleIsInvalid"
    assert refusal(lambda: queues.change_visibility("work", receipt, 43_201)) == "InvalidParameterValue"


def test_a_message_received_too_often_is_buried_at_the_next_receive(queues: Queues) -> None:
    queues.create_queue("dead")
    queues.create_queue("work", dead_letter="dead", max_receive_count=2)
    (message_id,) = send(queues, "poison")
    for _ in range(2):
        queues.change_visibility("work", receive_one(queues).receipt, 0)
    assert queues.counts("dead").total == 0

    assert queues.receive("work") == []

    assert (queues.counts("work").total, queues.counts("dead").total) == (0, 1)
    buried = receive_one(queues, "dead")
    assert (buried.id, buried.body) == (message_id, "poison")


def test_a_buried_message_says_where_it_came_from(queues: Queues) -> None:
    queues.create_queue("dead")
    queues.create_queue("work", dead_letter="dead", max_receive_count=1)
    send(queues, "poison")
    queues.change_visibility("work", receive_one(queues).receipt, 0)
    queues.receive("work")
    assert receive_one(queues, "dead").source == "work"


def test_burying_does_not_shorten_the_batch(queues: Queues) -> None:
    queues.create_queue("dead")
    queues.create_queue("work", dead_letter="dead", max_receive_count=1)
    send(queues, "poison")
    queues.change_visibility("work", receive_one(queues).receipt, 0)
    send(queues, "good")
    assert receive_one(queues).body == "good"


def test_the_group_is_told_to_whoever_receives(queues: Queues) -> None:
    queues.create_queue("work")
    send(queues, "one", group="acme")
    assert receive_one(queues).group == "acme"


def test_a_purged_queue_is_empty(queues: Queues) -> None:
    queues.create_queue("work")
    send(queues, "one", "two")
    receive_one(queues)
    queues.purge("work")
    assert queues.counts("work").total == 0


def test_a_delete_with_an_outdated_receipt_deletes_nothing(queues: Queues) -> None:
    queues.create_queue("work")
    send(queues, "one")
    outdated = receive_one(queues)
    queues.change_visibility("work", outdated.receipt, 0)
    latest = receive_one(queues)

    queues.delete_batch("work", [outdated.receipt])
    assert queues.counts("work") == Counts(0, 1, 0)

    queues.delete_batch("work", [latest.receipt])
    assert queues.counts("work").total == 0


def test_visibility_is_not_changed_by_an_outdated_receipt(queues: Queues) -> None:
    queues.create_queue("work")
    send(queues, "one")
    outdated = receive_one(queues)
    queues.change_visibility("work", outdated.receipt, 0)
    receive_one(queues)
    assert refusal(lambda: queues.change_visibility("work", outdated.receipt, 0)) == "InvalidParameterValue"
    assert queues.receive("work") == []


def test_visibility_is_not_changed_once_it_has_timed_out(queues: Queues) -> None:
    queues.create_queue("work", visibility_seconds=1)
    send(queues, "one")
    message = receive_one(queues)
    queues.pass_by(1.1)
    assert refusal(lambda: queues.change_visibility("work", message.receipt, 60)) == "MessageNotInflight"


def test_visibility_ends_twelve_hours_after_the_receipt(queues: Queues) -> None:
    queues.create_queue("work")
    send(queues, "one")
    message = receive_one(queues)
    queues.pass_by(1.1)
    assert refusal(lambda: queues.change_visibility("work", message.receipt, 43_200)) == "InvalidParameterValue"
    queues.change_visibility("work", message.receipt, 43_198)


def test_a_buried_message_keeps_its_time_of_sending_and_its_count(queues: Queues) -> None:
    queues.create_queue("dead")
    queues.create_queue("work", dead_letter="dead", max_receive_count=1)
    send(queues, "poison")
    first = receive_one(queues)
    queues.change_visibility("work", first.receipt, 0)
    queues.receive("work")
    buried = receive_one(queues, "dead")
    assert (buried.sent_at, buried.receive_count) == (first.sent_at, 2)


def test_a_move_sends_buried_messages_home_as_new_ones(queues: Queues) -> None:
    queues.create_queue("dead")
    queues.create_queue("work", dead_letter="dead", max_receive_count=1)
    (message_id,) = send(queues, "poison", group="acme")
    queues.change_visibility("work", receive_one(queues).receipt, 0)
    queues.receive("work")

    queues.start_move("dead")

    assert queues.counts("dead").total == 0
    home = receive_one(queues)
    assert (home.body, home.receive_count, home.group) == ("poison", 1, "acme")
    assert home.id != message_id
