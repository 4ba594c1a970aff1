"""Showing, going back and removing: each does what it says and no more."""

from __future__ import annotations

import pytest

from infra.deploy import others, releases
from infra.deploy.deploying import Wish, deploy
from infra.deploy.errors import Failed, Refused
from tests.infra.deploy.conftest import Shop

YES = Wish(is_agreed=True)


def test_a_diff_shows_what_would_change_and_changes_nothing(shop: Shop) -> None:
    assert others.diff(shop.place(), Wish()) == 3
    assert shop.clouds.stacks == {}, "also where there is no stack yet"

    deploy(shop.place(), YES)
    assert others.diff(shop.place(), Wish()) == 0
    shop.code = "two"
    assert others.diff(shop.place(), Wish()) == 2

    stack = shop.clouds.stacks["recruitpro-dev"]
    assert (stack.status, stack.change_sets, shop.runs()) == ("CREATE_COMPLETE", {}, "one")
    assert len(shop.clouds.migrations) == 1
    assert "Nothing was changed." in shop.told()


def test_what_would_be_lost_is_shown_first(shop: Shop) -> None:
    deploy(shop.place(), YES)
    shop.code, shop.resources = "two", {}

    others.diff(shop.place(), Wish())

    told = shop.told()
    table = told[told.rindex("logical id") :].splitlines()
    assert "Uploads" in table[1]
    assert "Remove" in table[1]


def test_a_rollback_brings_back_the_release_before_and_can_go_on_from_there(shop: Shop) -> None:
    for code in ("one", "two", "three"):
        shop.code = code
        deploy(shop.place(), YES)
    migrated = len(shop.clouds.migrations)

    assert others.rollback(shop.place(), YES, None).restores == 2
    assert shop.runs() == "two"
    assert others.rollback(shop.place(), YES, None).restores == 1, "once more goes further back, not forth again"
    assert shop.runs() == "one"
    assert others.rollback(shop.place(), YES, 3).restores == 3
    assert shop.runs() == "three"

    assert len(shop.clouds.migrations) == migrated, "the schema stays as it is"
    assert [each.number for each in releases.all_of(shop.place().bucket, "dev")] == [1, 2, 3, 4, 5, 6]


def test_a_rollback_without_an_earlier_release_says_what_there_is(shop: Shop) -> None:
    with pytest.raises(Refused, match="none is known"):
        others.rollback(shop.place(), YES, None)
    deploy(shop.place(), YES)
    with pytest.raises(Refused, match="there is no release 7: 1 \\(01234567"):
        others.rollback(shop.place(), YES, 7)


def test_a_rollback_that_does_not_pass_says_so(shop: Shop) -> None:
    deploy(shop.place(), YES)
    shop.code = "two"
    deploy(shop.place(), YES)
    shop.wrong = lambda _code: ["health: unhealthy"]

    with pytest.raises(Failed, match="release 1 is deployed and does not pass either"):
        others.rollback(shop.place(), YES, None)


def test_production_is_never_destroyed_and_staging_only_by_its_name(shop: Shop) -> None:
    for environment in ("staging", "production"):
        deploy(shop.place(environment), YES)

    with pytest.raises(Refused, match="production is never destroyed"):
        others.destroy(shop.place("production"), "production", is_agreed=True)
    for typed in (None, "stagin"):
        with pytest.raises(Refused, match="--name staging"):
            others.destroy(shop.place("staging"), typed, is_agreed=True)
    assert "DeleteStack" not in shop.clouds.calls

    others.destroy(shop.place("staging"), "staging", is_agreed=True)
    assert set(shop.clouds.stacks) == {"recruitpro-production"}


def test_what_is_lost_and_what_stays_is_told_before_anybody_agrees(shop: Shop) -> None:
    shop.resources = {
        "Uploads": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "RetainExceptOnCreate"},
        "Database": {"Type": "AWS::RDS::DBInstance", "DeletionPolicy": "Snapshot"},
        "HighQueue": {"Type": "AWS::SQS::Queue"},
    }
    deploy(shop.place(), YES)
    shop.agrees = False

    with pytest.raises(Refused, match="nothing was removed"):
        others.destroy(shop.place(), None, is_agreed=False)

    told = {line.rsplit("  ", 2)[0].strip(): line for line in shop.told().splitlines()}
    for name, words in (("Uploads", "stays"), ("Database", "leaves a last snapshot"), ("HighQueue", "is lost")):
        assert any(name in line and words in line for line in told.values()), name
    assert "recruitpro-dev" in shop.clouds.stacks


def test_a_removal_that_fails_names_what_stood_in_the_way(shop: Shop) -> None:
    deploy(shop.place(), YES)
    shop.clouds.broken = {"Uploads": "The bucket you tried to delete is not empty"}

    with pytest.raises(Failed, match=r"Uploads \(AWS::S3::Bucket\): The bucket you tried to delete is not empty"):
        others.destroy(shop.place(), None, is_agreed=True)


def test_there_must_be_something_to_destroy(shop: Shop) -> None:
    with pytest.raises(Refused, match="there is no stack recruitpro-dev"):
        others.destroy(shop.place(), None, is_agreed=True)
