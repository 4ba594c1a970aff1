"""A large organization's ten thousand jobs do not keep a small one waiting: reckoned on the queue double, whose
standard queues share deliveries out between message groups as SQS fair queues are documented to do."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from chalicelib.ids import new_id
from chalicelib.jobs.models import JobKind, JobMessage
from tests.queue_double import ByHand
from tests.queue_jobs import Entry

QUEUE = "high"
CONSUMERS = 20  # HighConsumers of production
BATCH_SIZE = 5
SHORTEST_SECONDS, LONGEST_SECONDS = 0.05, 0.15
EVERY_SECONDS = 0.5
SMALL_JOBS = 200
LARGE_JOBS = 10_000


@dataclass(slots=True)
class Shop:
    """Consumers that take batches and do the jobs of each in order, by the double's own clock."""

    queue: ByHand = field(default_factory=ByHand)
    now: float = 0.0
    asked_at: dict[str, float] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=dict)
    in_hand: dict[int, list[str]] = field(default_factory=dict)
    chance: Random = field(default_factory=lambda: Random(7))

    def ask(self, organization_id: UUID, jobs: int) -> None:
        for _ in range(jobs):
            message = JobMessage(new_id(), organization_id, JobKind.SCREEN_CANDIDATE)
            self.asked_at[str(message.job_id)] = self.now
            body = f"{organization_id}/{message.job_id}"
            self.queue.send_batch(QUEUE, [Entry(body, group=str(organization_id))])

    def pass_until(self, moment: float) -> None:
        self.queue.pass_by(moment - self.now)
        self.now = moment

    def take_batch(self, consumer: int) -> float:
        """End the batch in hand and take another; the seconds that it takes, or a short pause with nothing to do."""
        if self.in_hand.get(consumer):
            self.queue.delete_batch(QUEUE, self.in_hand[consumer])
        messages = self.queue.receive(QUEUE, limit=BATCH_SIZE)
        done_at = self.now
        for message in messages:
            organization_id, job_id = message.body.split("/")
            done_at += self.chance.uniform(SHORTEST_SECONDS, LONGEST_SECONDS)
            self.took.setdefault(organization_id, []).append(done_at - self.asked_at[job_id])
        self.in_hand[consumer] = [message.receipt for message in messages]
        return done_at - self.now or 0.01


def p95_of_small(*, large_jobs: int) -> float:
    """The 95th percentile of the seconds from asking to done, for an organization that asks for a job now and then."""
    shop, small, large = Shop(), new_id(), new_id()
    shop.queue.create_queue(QUEUE, visibility_seconds=600)
    shop.ask(large, large_jobs)
    asks = [(number * EVERY_SECONDS, -1) for number in range(SMALL_JOBS)]
    agenda = [*asks, *((number * LONGEST_SECONDS / CONSUMERS, number) for number in range(CONSUMERS))]
    heapq.heapify(agenda)
    while len(shop.took.get(str(small), [])) < SMALL_JOBS:
        moment, who = heapq.heappop(agenda)
        shop.pass_until(moment)
        if who < 0:
            shop.ask(small, 1)
        else:
            heapq.heappush(agenda, (moment + shop.take_batch(who), who))
    took = sorted(shop.took[str(small)])
    return took[int(len(took) * 0.95) - 1]


def test_a_large_organization_delays_a_small_one_by_twice_at_most() -> None:
    alone, beside = p95_of_small(large_jobs=0), p95_of_small(large_jobs=LARGE_JOBS)

    assert SHORTEST_SECONDS < alone < LONGEST_SECONDS + 0.02
    assert beside <= 2 * alone, f"p95 {alone:.3f} s alone, {beside:.3f} s beside {LARGE_JOBS} jobs of another"
