"""A new token secret: in four steps, each good for twice, against Secrets Manager as moto has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from chalicelib import clients
from chalicelib.auth import keys, tokens
from chalicelib.auth.rotation import RotationRefused
from chalicelib.auth.tokens import BadToken, Claims
from chalicelib.clock import utc_now
from functions.rotate_token_secret import rotate_token_secret
from tests.house import Cloud

FIRST = "the-secret-that-was-there-at-first-0123456789"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
CLAIMS = Claims(uuid4(), uuid4(), uuid4())


@dataclass(frozen=True, slots=True)
class Secret:
    arn: str
    client: Any

    def at(self, stage: str) -> str | None:
        return clients.secret_version(self.arn, stage)

    def step(self, step: str, version: str) -> None:
        rotate_token_secret({"Step": step, "SecretId": self.arn, "ClientRequestToken": version}, None)

    def rotate(self) -> None:
        version = str(uuid4())
        for step in STEPS:
            self.step(step, version)

    def versions(self) -> dict[str, list[str]]:
        stages: dict[str, list[str]] = self.client.describe_secret(SecretId=self.arn)["VersionIdsToStages"]
        return stages


@pytest.fixture
def secret(cloud_of_worker: Cloud, configure: Callable[..., None]) -> Iterator[Secret]:
    client = cloud_of_worker.client("secretsmanager")
    arn = client.create_secret(Name=f"token-secret-{uuid4().hex}", SecretString=FIRST)["ARN"]
    configure(token_secret_arn=arn)
    yield Secret(arn, client)
    client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def test_four_steps_make_a_new_current_secret_and_keep_the_one_before(secret: Secret) -> None:
    secret.rotate()

    current = secret.at("AWSCURRENT")
    assert current is not None
    assert len(current) == 64
    assert secret.at("AWSPREVIOUS") == FIRST


def test_every_step_may_come_twice_or_after_the_end(secret: Secret) -> None:
    version = str(uuid4())
    for step in STEPS[:-1]:
        secret.step(step, version)
        pending = secret.at("AWSPENDING")
        secret.step(step, version)
        assert secret.at("AWSPENDING") == pending
        assert secret.at("AWSCURRENT") == FIRST
    secret.step("finishSecret", version)
    versions = secret.versions()

    for step in STEPS:
        secret.step(step, version)

    assert secret.versions() == versions
    assert secret.at("AWSPREVIOUS") == FIRST


def test_a_token_outlives_one_rotation_and_no_second_one(secret: Secret) -> None:
    signed = tokens.make_access_token(CLAIMS, utc_now())
    cursors = tokens.cursor_keys()[0]
    secret.rotate()
    keys.key_ring.cache_clear()  # another container

    assert tokens.read_access_token(signed) == CLAIMS
    assert cursors in tokens.cursor_keys()
    assert tokens.cursor_keys()[0] != cursors
    newer = tokens.make_access_token(CLAIMS, utc_now())
    secret.rotate()
    keys.key_ring.cache_clear()
    with pytest.raises(BadToken):
        tokens.read_access_token(signed)
    assert tokens.read_access_token(newer) == CLAIMS


@pytest.mark.parametrize(
    ("step", "text"), [("testSecret", "too short"), ("finishSecret", "too short"), ("testSecret", FIRST)]
)
def test_a_pending_version_that_is_no_good_does_not_become_current(secret: Secret, step: str, text: str) -> None:
    version = str(uuid4())
    secret.client.put_secret_value(
        SecretId=secret.arn, ClientRequestToken=version, SecretString=text, VersionStages=["AWSPENDING"]
    )

    with pytest.raises(RotationRefused):
        secret.step(step, version)
    assert secret.at("AWSCURRENT") == FIRST


def test_what_was_never_created_is_not_finished(secret: Secret) -> None:
    for step in STEPS[2:]:
        with pytest.raises(RotationRefused):
            secret.step(step, str(uuid4()))
    assert secret.at("AWSCURRENT") == FIRST


def test_an_older_version_does_not_come_back(secret: Secret) -> None:
    (first,) = secret.versions()
    secret.rotate()
    current = secret.at("AWSCURRENT")

    for step in STEPS:
        with pytest.raises(RotationRefused):
            secret.step(step, first)
    assert secret.at("AWSCURRENT") == current


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({"Step": "deleteSecret"}, RotationRefused),
        ({"SecretId": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:another"}, RotationRefused),
        ({"ClientRequestToken": "no-version"}, ValueError),
    ],
)
def test_what_makes_no_sense_changes_nothing(secret: Secret, event: dict[str, str], error: type[Exception]) -> None:
    whole = {"Step": "createSecret", "SecretId": secret.arn, "ClientRequestToken": str(uuid4()), **event}

    with pytest.raises(error):
        rotate_token_secret(whole, None)

    assert secret.at("AWSPENDING") is None
    assert secret.at("AWSCURRENT") == FIRST


def test_no_secret_is_logged(secret: Secret, capsys: pytest.CaptureFixture[str]) -> None:
    secret.rotate()

    written = "".join(capsys.readouterr())
    assert FIRST not in written
    assert (secret.at("AWSCURRENT") or "") not in written
