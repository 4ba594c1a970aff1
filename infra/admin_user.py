"""Creates an organization with its first admin where registration is closed: `make admin-user`.

The password comes from a prompt, or from RECRUITPRO_ADMIN_PASSWORD; never from an argument, which everybody on the
machine can read. The database is the one of --database-url, or of the settings (RECRUITPRO_DATABASE_URL, or
RECRUITPRO_DATABASE_HOST with an IAM token), reached as the application's role: recruitpro_app, not the owner. For a
database in AWS name its certificates as well: RECRUITPRO_DATABASE_CA_FILE.
"""

from __future__ import annotations

import os
import sys

import click

from chalicelib.settings import SettingsMistake
from infra import commands

PASSWORD_VARIABLE = "RECRUITPRO_ADMIN_PASSWORD"  # noqa: S105 - where it stands
DATABASE_VARIABLE = "RECRUITPRO_DATABASE_URL"


@click.command(help=__doc__)
@click.option("--email", default="", help="with which the admin signs in")
@click.option("--name", default="", help="of the admin")
@click.option("--organization", default="", help="name of the new organization")
@click.option("--database-url", default=None, help=f"better in {DATABASE_VARIABLE}, since it holds a password")
def command(email: str, name: str, organization: str, database_url: str | None) -> None:
    # No setting of the application, which refuses what it does not know.
    password = os.environ.pop(PASSWORD_VARIABLE, None)
    if database_url:
        os.environ[DATABASE_VARIABLE] = database_url
    # Reads the settings, which are as they should be from here on.
    from infra import first_admin

    try:
        first_admin.check_database()
        password = _prompted() if password is None else password
        email = first_admin.create(email=email, name=name, organization=organization, password=password)
    except first_admin.Mistake as mistake:
        raise click.ClickException(str(mistake)) from mistake
    click.echo(f"{organization} has its first admin: {email}")


def _prompted() -> str:
    if not sys.stdin.isatty():
        raise click.ClickException(f"no terminal to ask for the password: set {PASSWORD_VARIABLE}")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def main() -> int:
    """Run the command; 1 after a mistake, which is told in one line."""
    return commands.run(command, mistakes=(SettingsMistake,), stopped="stopped; nothing was written")


if __name__ == "__main__":
    sys.exit(main())
