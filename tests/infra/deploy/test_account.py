"""What a deployment minds of the account around its stack: old versions, limits, the region of copies."""

from __future__ import annotations

import pytest

from infra.deploy import concurrency, deploying
from infra.deploy.deploying import Wish, deploy
from infra.deploy.errors import Refused
from infra.deploy.others import rollback
from infra.deploy.versions import superfluous
from infra.packaging.parameters import parameters_of
from tests.infra import packaged
from tests.infra.deploy.conftest import Shop

YES = Wish(is_agreed=True)
API = "recruitpro-dev-APIHandler"


def test_the_version_that_is_asked_and_the_one_before_are_kept(shop: Shop) -> None:
    for code in ("one", "two", "three", "four"):
        shop.code = code
        deploy(shop.place(), YES)

    assert shop.clouds.versions[API] == [3, 4]
    rollback(shop.place(), YES, None)
    assert shop.clouds.versions[API] == [4, 5]
    assert shop.runs() == "three"
    assert shop.clouds.versions["recruitpro-dev-MigrateDatabase"] == [1, 2, 3, 4, 5], "no other function's"


def test_versions_that_cannot_be_deleted_are_told_in_a_line_and_the_release_stands(shop: Shop) -> None:
    shop.clouds.cannot_delete = True
    for code in ("one", "two", "three"):
        shop.code = code
        release = deploy(shop.place(), YES)

    assert (release.number, shop.runs()) == (3, "three")
    (line,) = [line for line in shop.told().splitlines() if line.startswith("!")]
    assert "old versions of APIHandler are kept until the next deployment" in line
    assert "AccessDenied" in line


@pytest.mark.parametrize(
    ("asked", "known", "old"),
    [
        ([4], [1, 2, 3, 4], [1, 2]),
        ([4], [4], []),
        ([4], [3, 4], []),
        ([3], [1, 2, 3, 4, 5], [1]),  # somebody deploys meanwhile
        ([3, 5], [1, 2, 3, 4, 5], [1]),  # traffic is split
        ([7], [7, 2, 5], [2]),
    ],
)
def test_only_what_is_older_than_the_one_before_is_superfluous(
    asked: list[int], known: list[int], old: list[int]
) -> None:
    assert superfluous(asked, known) == old


def test_an_account_that_may_run_too_little_is_refused_before_anything_is_made(shop: Shop) -> None:
    shop.resources = {
        "Fixed": {"Type": "AWS::Other", "Properties": {"ReservedConcurrentExecutions": 1}},
        "ByParameter": {"Type": "AWS::Other", "Properties": {"ReservedConcurrentExecutions": {"Ref": "Consumers"}}},
    }
    shop.parameters = {"Consumers": {"Type": "Number", "Default": 50}}
    shop.clouds.concurrency = (10, 10)

    with pytest.raises(Refused) as refused:
        deploy(shop.place(), YES)

    assert "may run 10 at once" in str(refused.value)
    assert "dev reserves 51 beside the 100" in str(refused.value)
    assert "request-service-quota-increase --service-code lambda --quota-code L-B99A9384" in str(refused.value)
    assert "CreateChangeSet" not in shop.clouds.calls
    shop.clouds.concurrency = (1000, 151)
    assert deploy(shop.place(), YES).number == 1
    shop.code, shop.clouds.concurrency = "two", (1000, 100)
    assert deploy(shop.place(), YES).number == 2, "what is reserved by now is its own"


@pytest.mark.parametrize("environment", ["dev", "staging", "production"])
def test_what_each_environment_reserves_fits_the_usual_limit_of_an_account(environment: str) -> None:
    template = packaged.build(environment, with_zip=False).template

    wanted = concurrency.reserved(template, parameters_of(environment))

    assert 50 < wanted <= 1000 - concurrency.UNRESERVED


def test_copies_of_snapshots_go_to_another_region(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    region = shop.account.region
    monkeypatch.setattr(deploying, "parameters_of", lambda _: {"LogLevel": "INFO", "BackupCopyRegion": region})
    with pytest.raises(Refused, match=rf"BackupCopyRegion is {region}, where the database is"):
        deploy(shop.place(), YES)

    monkeypatch.setattr(deploying, "parameters_of", lambda _: {"LogLevel": "INFO", "BackupCopyRegion": "us-west-2"})
    deploy(shop.place(), YES)
    assert "snapshots are copied to us-west-2, another part of the world" in " ".join(shop.told().split())
