"""A plan can be run again: the same seed draws the same blows."""

from __future__ import annotations

from itertools import islice

from tests.chaos import plan
from tests.chaos.options import Options
from tests.chaos.plan import Blow


def of_seed(seed: int) -> Options:
    return Options(jobs=10_000, faults=1_000, seed=seed, workers=2, visibility_seconds=30, longest_seconds=60)


def test_the_same_seed_draws_the_same_plan_and_another_one_another() -> None:
    assert plan.drawn(of_seed(7)) == plan.drawn(of_seed(7))
    assert plan.drawn(of_seed(7)) != plan.drawn(of_seed(8))
    assert list(islice(plan.more(of_seed(7)), 20)) == list(islice(plan.more(of_seed(7)), 20))


def test_a_plan_has_every_blow_and_leaves_time_to_see_each_of_them_mended() -> None:
    strikes = plan.drawn(of_seed(7))

    assert {strike.blow for strike in strikes} == set(Blow)
    assert len(strikes) == 200
    assert all(200 <= strike.at_jobs <= 9_500 for strike in strikes)
