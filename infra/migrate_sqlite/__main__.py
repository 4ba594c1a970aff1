"""Brings the data of the old RecruitPro over, from its SQLite database: docs/from-the-old-system.md.

The database is reached as the application's role (recruitpro_app), not as the owner. Exit code 0: all is over; 1: it
could not run; 2: all is over but for rows that were refused; 3: what was read back is not what was written.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from chalicelib.settings import SettingsMistake
from infra.migrate_sqlite.errors import Mistake

DATABASE_VARIABLE = "RECRUITPRO_DATABASE_URL"


@click.command(help=__doc__)
@click.option("--sqlite", "file", type=click.Path(path_type=Path), required=True, help="the old application's database")
@click.option("--database-url", default=None, help=f"better in {DATABASE_VARIABLE}, since it holds a password")
@click.option("--organization", default=None, help="name of the organization, new or not; the file's name by default")
@click.option("--region", default=None, help="country (DE, CA ...) of phone numbers that are written without its code")
@click.option(
    "--report", "report_file", type=click.Path(path_type=Path), help="file for what became of each row (JSON)"
)
@click.option("--dry-run", is_flag=True, help="decide and tell everything, write nothing")
def command(
    file: Path,
    database_url: str | None,
    organization: str | None,
    region: str | None,
    report_file: Path | None,
    dry_run: bool,
) -> int:
    if database_url:
        os.environ[DATABASE_VARIABLE] = database_url
    if not os.environ.get(DATABASE_VARIABLE) and not os.environ.get("RECRUITPRO_DATABASE_HOST"):
        raise Mistake(f"say which database: --database-url, or {DATABASE_VARIABLE}")
    # Reads the settings, which are as they should be from here on.
    from infra.migrate_sqlite import running

    wish = running.Wish(file, organization or file.stem, region, report_file, dry_run)
    return running.run(wish)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 1 after a mistake, which is told in one line."""
    try:
        return int(command(arguments, standalone_mode=False) or 0)
    except click.Abort:
        mistake = "stopped; the tables that are written so far stay; run it again"
    except click.ClickException as error:
        mistake = error.format_message()
    except (Mistake, SettingsMistake) as error:
        mistake = str(error)
    click.echo(f"error: {' '.join(mistake.split())}", err=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
