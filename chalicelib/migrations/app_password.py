"""A new password for the application's role, in the four steps by which Secrets Manager asks for it.

Each step may come twice, or again after a crash, and does what is left to do. Between the second and the last one the
proxy knows the old password alone: connections that it holds go on, new ones wait for seconds. Should the last step
never come, migrating once more sets the password that the secret calls current.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable

import sqlalchemy as sa

from chalicelib.auth.rotation import RotationRefused, Vault, stages_to_change
from chalicelib.logs import log
from chalicelib.migrations import administration, roles
from chalicelib.settings import Settings
from chalicelib.vault import CURRENT, PENDING

RANDOM_BYTES = 36
Stages = dict[str, list[str]]


def rotate(config: Settings, vault: Vault, version: str, step: str) -> None:
    """Do one step of the change to `version` (the request's token). Raises RotationRefused, and NoAdministration for a
    secret that holds something else."""
    stages = stages_to_change(vault, version, step, STEPS)
    if stages is None:
        log.info("app_password_is_rotated_already", step=step)
        return
    STEPS[step](config, vault, version, stages)
    log.info("app_password_step_done", step=step)


def _create(_config: Settings, vault: Vault, version: str, stages: Stages) -> None:
    if vault.text(version, PENDING) is not None:
        return
    current = _current(stages)
    if current is None:
        raise RotationRefused("the secret has no current version to take the user name from")
    said = administration.credentials(vault.text(current, CURRENT), "app")
    vault.put_pending(version, json.dumps({**said, "password": secrets.token_urlsafe(RANDOM_BYTES)}))


def _set(config: Settings, vault: Vault, version: str, _stages: Stages) -> None:
    password = _pending(vault, version)
    engine = administration.master_engine(config)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"alter role {roles.APP} password '{roles.verifier(password)}'")


def _test(config: Settings, vault: Vault, version: str, _stages: Stages) -> None:
    engine = administration.engine_as(config, roles.APP, _pending(vault, version), config.database_name)
    with engine.connect() as connection:
        connection.execute(sa.text("select 1"))


def _finish(config: Settings, vault: Vault, version: str, stages: Stages) -> None:
    _test(config, vault, version, stages)
    vault.make_current(version, instead_of=_current(stages))


def _pending(vault: Vault, version: str) -> str:
    """The password to come; raises RotationRefused for a version that is not there or another role's."""
    text = vault.text(version, PENDING)
    if text is None:
        raise RotationRefused("there is no pending version: createSecret comes first")
    said = administration.credentials(text, "app")
    if said["username"] != roles.APP:
        raise RotationRefused(f"the secret belongs to another role than {roles.APP}")
    return said["password"]


def _current(stages: Stages) -> str | None:
    return next((version for version, names in stages.items() if CURRENT in names), None)


STEPS: dict[str, Callable[[Settings, Vault, str, Stages], None]] = {
    "createSecret": _create,
    "setSecret": _set,
    "testSecret": _test,
    "finishSecret": _finish,
}
