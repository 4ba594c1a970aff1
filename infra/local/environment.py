"""What the local processes are told by environment variables, and the secrets that were made up for this checkout."""

from __future__ import annotations

import json
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from chalicelib.settings import PREFIX

FRONTENDS = ("http://localhost:3000", "http://127.0.0.1:3000", "http://localhost:5173", "http://127.0.0.1:5173")
# Real credentials of the developer must not reach anything that is started here.
NOT_INHERITED = {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_ENDPOINT_URL"}


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made up once per checkout and kept in `.local/`, readable by its owner alone."""

    token_secret: str
    owner_password: str
    app_password: str
    demo_password: str
    metrics_token: str


def secrets_in(folder: Path) -> Secrets:
    """The secrets kept in `folder`; those that are not there, or not yet, are made up."""
    path = folder / "secrets.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    made = Secrets(**{each.name: kept.get(each.name) or _made_up(each.name) for each in fields(Secrets)})
    if asdict(made) != kept:
        write_private(path, json.dumps(asdict(made)))
    return made


def _made_up(name: str) -> str:
    # The one that people type is short enough to be typed.
    return f"welcome-{secrets.token_urlsafe(9)}" if name == "demo_password" else secrets.token_urlsafe(36)


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody but its owner can read, whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text)
    new.replace(path)


def defaults(token_secret: str, metrics_token: str | None = None) -> dict[str, str]:
    """The variables that do not depend on what was started. Without a metrics token nobody reads metrics."""
    return {
        "RECRUITPRO_ENVIRONMENT": "local",
        "RECRUITPRO_TOKEN_SECRET": token_secret,
        "RECRUITPRO_METRICS_TOKEN": metrics_token or "",
        "RECRUITPRO_OPEN_REGISTRATION": "true",
        "RECRUITPRO_CORS_ORIGINS": ",".join(FRONTENDS),
        "RECRUITPRO_DATABASE_POOL_SIZE": "20",
        "RECRUITPRO_DATABASE_MAX_OVERFLOW": "30",
        "RECRUITPRO_DATABASE_POOL_TIMEOUT_SECONDS": "30",
        "RECRUITPRO_DATABASE_POOL_RECYCLE_SECONDS": "3600",
        # Queues start empty, so after a restart the sweep must notice soon what was lost.
        "RECRUITPRO_JOB_LEASE_SECONDS": "60",
        "RECRUITPRO_JOB_LOST_AFTER_SECONDS": "20",
        "RECRUITPRO_OUTBOX_GRACE_SECONDS": "5",
    }


def of_child(values: Mapping[str, str], inherited: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a child: what we were started with, our values, and above them the developer's own."""
    kept = {name: value for name, value in inherited.items() if name not in NOT_INHERITED}
    own = {name: value for name, value in inherited.items() if name.startswith(PREFIX)}
    region = own.get("RECRUITPRO_AWS_REGION", values.get("RECRUITPRO_AWS_REGION", "eu-central-1"))
    aws = {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return {**kept, **aws, "PYTHONUNBUFFERED": "1", **values, **own}


def write_file(path: Path, environment: Mapping[str, str]) -> None:
    """Write what of `environment` concerns RecruitPro and AWS, to be sourced by a shell."""
    lines = [f"unset {' '.join(sorted(NOT_INHERITED))}"]
    ours = sorted(name for name in environment if name.startswith((PREFIX, "AWS_")))
    lines += [f"{name}={shlex.quote(environment[name])}" for name in ours]
    write_private(path, "\n".join(lines) + "\n")


def read_file(path: Path, name: str) -> str | None:
    """A variable as `write_file` wrote it; None when it, or the file, is not there."""
    lines = path.read_text().splitlines() if path.exists() else []
    values = [shlex.split(line.partition("=")[2]) for line in lines if line.startswith(f"{name}=")]
    return "".join(values[-1]) or None if values else None
