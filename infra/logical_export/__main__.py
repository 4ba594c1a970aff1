"""`python -m infra.logical_export run | verify | list | prepare`: see docs/logical-export.md.

Exit code 0 when all is well, 1 when an export is not what it should be (a line for each failure), 2 when the database,
the bucket or the key cannot be asked.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from chalicelib import metrics
from chalicelib.backups import export_manifest, export_role, exports
from chalicelib.errors import RecruitProError
from chalicelib.settings import Settings, settings
from infra.logical_export import recording, source
from infra.logical_export.keys import FileKeys, Keys, KmsKeys
from infra.logical_export.proving import Expected, Proof, prove
from infra.logical_export.source import Source
from infra.logical_export.store import ExportStore
from infra.logical_export.taking import Place, take

WRONG, UNKNOWN = 1, 2
LOCAL = Path(".local")


def aws(service: str, config: Settings) -> Any:
    """A client of AWS, or of moto where `aws_endpoint_url` points to it."""
    import boto3
    from botocore.config import Config

    options = Config(retries={"total_max_attempts": 6, "mode": "standard"}, connect_timeout=5, read_timeout=60)
    make: Any = boto3.client
    return make(service, region_name=config.aws_region, endpoint_url=config.aws_endpoint_url, config=options)


def store_of(config: Settings) -> ExportStore:
    """The bucket of backups."""
    return ExportStore(aws("s3", config), config.backup_bucket)


def keys_of(config: Settings) -> Keys:
    """KMS as configured; on a laptop without one a file beside the local data."""
    if config.export_key_id is not None:
        return KmsKeys(aws("kms", config), config.export_key_id)
    if config.is_local:
        return FileKeys(LOCAL / "export.key")
    raise click.UsageError("RECRUITPRO_EXPORT_KEY_ID is not set")


def source_of(config: Settings) -> Source:
    """The database as its exporter; on a laptop as the superuser of the local stack unless told otherwise."""
    kept = LOCAL / "postgres"
    if config.export_database_url is None and config.is_local and (kept / "password").exists():
        password, port = (kept / "password").read_text(), (kept / "port").read_text().strip()
        return Source(f"postgresql://postgres:{quote(password)}@127.0.0.1:{port}/{config.database_name}")
    return source.from_settings(config)


@click.group(help=__doc__)
def main() -> None:
    pass


def _answering(work: Callable[[Settings], None]) -> None:
    """Do the work; say in one line what stood in its way."""
    try:
        work(settings())
    except RecruitProError as error:
        _failed()
        click.echo(error.detail, err=True)
        sys.exit(UNKNOWN)
    except Exception as error:
        _failed()
        click.echo(f"it failed: {type(error).__name__}", err=True)
        raise


def _failed() -> None:
    # A line for CloudWatch says nothing to who reads a terminal.
    if not settings().is_local:
        metrics.count("backup_failed")


@main.command()
def run() -> None:
    """Export the database now."""

    def work(config: Settings) -> None:
        origin, lock = source_of(config), timedelta(days=config.export_lock_days)
        place = Place(store_of(config), keys_of(config), config.environment.value, lock)
        manifest = take(origin, place, now=datetime.now(UTC).replace(microsecond=0))
        recording.record(origin, exports.taken(manifest, config.aws_region))
        rows = sum(table.rows for table in manifest.tables.values())
        seconds = (manifest.finished_at - manifest.started_at).total_seconds()
        click.echo(
            f"{manifest.name}: {rows:,} rows of {len(manifest.tables)} tables, "
            f"{manifest.encrypted.size_bytes:,} bytes in {seconds:.1f} s"
        )
        if not config.is_local:
            metrics.count("function_ran", function="take_export")

    _answering(work)


@main.command()
@click.argument("name", required=False)
@click.option("--max-age-hours", type=float, default=exports.MAX_AGE / timedelta(hours=1), show_default=True)
def verify(name: str | None, max_age_hours: float) -> None:
    """Restore an export (the newest unless NAMEd) into a throwaway PostgreSQL and compare it."""

    def work(config: Settings) -> None:
        expected = Expected(
            config.environment.value, database_of(config), datetime.now(UTC), timedelta(hours=max_age_hours)
        )
        with throwaway() as server_url:
            proof = prove(store_of(config), keys_of(config), server_url, expected, name=name)
        _report(proof, config)

    _answering(work)


def database_of(config: Settings) -> str:
    """What the exported database is called, which is asked of nobody: it may be lost."""
    if config.export_database_url is not None:
        return Source(config.export_database_url.get_secret_value()).database
    return config.database_name


class throwaway:  # noqa: N801 - reads as a statement
    """A PostgreSQL in a folder of its own, gone at the end."""

    def __enter__(self) -> str:
        from infra.local import postgres

        self._folder = tempfile.TemporaryDirectory(prefix="recruitpro-restore-", dir=os.environ.get("RESTORE_FOLDER"))
        self._server = postgres.start(Path(self._folder.name), durable=False)
        return self._server.url

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._folder.cleanup()


def _report(proof: Proof, config: Settings) -> None:
    if proof.manifest is not None:
        known = exports.proved(
            proof.manifest, config.aws_region, now=datetime.now(UTC), seconds=proof.seconds, failures=proof.failures
        )
        recording.try_to_record(lambda: source_of(config), known)
    for failure in proof.failures:
        click.echo(f"FAILED {failure}")
    if proof.failures:
        _failed()
        sys.exit(WRONG)
    assert proof.manifest is not None
    if not config.is_local:
        metrics.count("function_ran", function="prove_export")
    rows = sum(table.rows for table in proof.manifest.tables.values())
    click.echo(
        f"{proof.name}: restored and equal, {rows:,} rows of {len(proof.manifest.tables)} tables, "
        f"revision {proof.manifest.alembic_revision}, in {proof.seconds:.1f} s"
    )


@main.command(name="list")
def list_exports() -> None:
    """What lies in the bucket, oldest first; the signatures are not looked at."""

    def work(config: Settings) -> None:
        store = store_of(config)
        kept = store.kept()
        for name in exports.names_in(kept):
            key = f"{name}/{exports.MANIFEST}"
            if key not in kept or kept[key].is_deleted:
                click.echo(f"{name}  without a manifest: it was never finished, or somebody hides it")
                continue
            told = export_manifest.peek(store.read(key, kept[key].version))
            rows = sum(table.rows for table in told.tables.values())
            click.echo(f"{name}  {told.encrypted.size_bytes:,} bytes, {rows:,} rows, revision {told.alembic_revision}")

    _answering(work)


@main.command()
@click.argument("name", required=False)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
def fetch(name: str | None, output: Path) -> None:
    """Write an export (the newest unless NAMEd) decrypted into a file, for pg_restore. It holds personal data."""

    def work(config: Settings) -> None:
        from infra.logical_export.fetching import fetch as fetched

        written = fetched(store_of(config), keys_of(config), output, name=name)
        click.echo(f"{written}: decrypted into {output}; delete it when you are done")

    _answering(work)


@main.command()
@click.option("--superuser-url", envvar="SUPERUSER_URL", required=True, help="of the database to be exported")
@click.option("--password", envvar="EXPORTER_PASSWORD", help="of the exporter; without one it signs in by IAM")
def prepare(superuser_url: str, password: str | None) -> None:
    """Make the database role that exports, or show it the tables that are new."""

    def work(_: Settings) -> None:
        seen = export_role.prepare(superuser_url, password=password)
        click.echo(f"{export_role.EXPORTER} sees {f'{len(seen)} tables by policies' if seen else 'everything'}")

    _answering(work)


if __name__ == "__main__":
    main()
