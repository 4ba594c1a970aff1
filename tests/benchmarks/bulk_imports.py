"""`python -m tests.benchmarks.bulk_imports`: an import beside COPY and the ORM, over the API, and its memory."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click

from tests.benchmarks import report
from tests.benchmarks.report import Finding


@click.command()
@click.option("--rows", default=100_000, show_default=True, help="rows imported, and copied beside it")
@click.option("--orm-rows", default=10_000, show_default=True, help="rows that the ORM adds; told per second")
def main(rows: int, orm_rows: int) -> None:
    """Measure bulk imports, print tables, and keep them in build/benchmarks.json."""
    from tests import house
    from tests.benchmarks import bulk_imports_case, bulk_imports_story  # noqa: F401 - tests set variables when imported

    for variable in [name for name in os.environ if name.startswith("RECRUITPRO_")]:
        del os.environ[variable]
    os.environ.update(house.SETTINGS | {"RECRUITPRO_RATE_LIMIT_ENABLED": "false"})
    house.forget_settings()
    with tempfile.TemporaryDirectory(prefix="recruitpro-bench-") as folder:
        findings = _findings(Path(folder), rows, orm_rows)
    for finding in findings:
        report.show(finding)
    report.keep("bulk_imports", findings)


def _findings(folder: Path, rows: int, orm_rows: int) -> list[Finding]:
    from infra.local import postgres
    from tests import house
    from tests.benchmarks import bulk_imports_case, bulk_imports_story

    (folder / "postgres").mkdir()
    server = postgres.start(folder / "postgres", durable=True)
    try:
        database = house.build_database(server, "recruitpro")
        os.environ.update(house.settings_for(database, None))
        house.forget_settings()
        beside = bulk_imports_case.run(database, rows=rows, orm_rows=orm_rows)
        (folder / "cloud").mkdir()
        cloud = house.build_cloud(folder / "cloud")
        try:
            os.environ.update(house.settings_for(database, cloud))
            house.forget_settings()
            return [beside, bulk_imports_story.run(database, cloud)]
        finally:
            cloud.child.stop()
    finally:
        house.forget_settings()
        server.stop()


if __name__ == "__main__":
    main()
