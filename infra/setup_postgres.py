"""Prepares a PostgreSQL of your own: roles, database, rights. `make setup-postgres URL=postgresql://postgres@host/x`.

It looks at the server first and changes nothing while something there is unfit; then it does what is left to do, and
may be run again at any time. Passwords come from prompts, or from SETUP_ADMIN_PASSWORD, SETUP_OWNER_PASSWORD and
SETUP_APP_PASSWORD; never from an argument, which everybody on the machine can read.
"""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
import sqlalchemy as sa
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import DBAPIError

from chalicelib import migrations
from chalicelib.migrations import roles
from infra import commands, postgres_checks
from infra.postgres_checks import Finding, Verdict

COLOURS = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}
SHORTEST_PASSWORD = 16
CONNECT_SECONDS = 10


@click.command(help=__doc__)
@click.option("--superuser-url", required=True, envvar="SETUP_ADMIN_URL", help="of the admin, without the password")
@click.option("--database", default="recruitpro", show_default=True, help="name of the database")
@click.option("--connections", default=60, show_default=True, help="how many the application opens at most (its pools)")
@click.option(
    "--ca-file", type=click.Path(exists=True, dir_okay=False), help="CA that the server's certificate chains to"
)
@click.option("--check-only", is_flag=True, help="look, and change nothing")
@click.option("--migrate", is_flag=True, help="bring the schema up to date as well")
def command(
    superuser_url: str, database: str, connections: int, ca_file: str | None, check_only: bool, migrate: bool
) -> None:
    console = Console(highlight=False, soft_wrap=True)
    server = Server(_admin_url(superuser_url), ca_file)
    with server.connected(server.admin) as connection:
        findings = postgres_checks.of_server(connection, host=server.host, needed_connections=connections)
    _tell(console, findings)
    if any(finding.verdict is Verdict.FAIL for finding in findings):
        raise click.ClickException("the server is unfit, see above; nothing was changed")
    if check_only:
        return
    owner_password, app_password = (_password(who) for who in ("owner", "app"))
    engine = server.engine(server.admin)
    done = roles.prepare(engine, database=database, app_password=app_password, owner_password=owner_password)
    for line in done or ["nothing was left to do but to set the passwords"]:
        console.print(f"  done  {escape(line)}")
    owner = server.url_of(roles.OWNER, owner_password, database)
    with server.connected(owner) as connection:
        findings = postgres_checks.of_database(connection)
    with server.connected(server.url_of(roles.APP, app_password, database)):
        findings.append(Finding("sign-in", Verdict.OK, "as owner and as application"))
    _tell(console, findings)
    if any(finding.verdict is Verdict.FAIL for finding in findings):
        raise click.ClickException("the database is unfit, see above")
    if migrate:
        applied = migrations.upgrade(server.engine(owner))
        console.print(f"  done  schema at {migrations.newest()}, {len(applied)} changes applied now")
    _tell_what_is_next(console, server, database, ca_file)


class Server:
    """A server as its admin reaches it. Mistakes of connecting become one line."""

    def __init__(self, admin: sa.URL, ca_file: str | None) -> None:
        self.admin, self.host = admin, admin.host or "localhost"
        self._arguments: dict[str, object] = {"timeout": CONNECT_SECONDS, "application_name": "recruitpro-setup"}
        if ca_file is not None:
            self._arguments["ssl_context"] = ssl.create_default_context(cafile=ca_file)

    def engine(self, url: sa.URL) -> sa.Engine:
        return sa.create_engine(url, poolclass=sa.NullPool, connect_args=self._arguments, hide_parameters=True)

    def url_of(self, user: str, password: str, database: str) -> sa.URL:
        return self.admin.set(username=user, password=password, database=database)

    @contextmanager
    def connected(self, url: sa.URL) -> Iterator[sa.Connection]:
        engine = self.engine(url)
        try:
            with engine.connect() as connection:
                yield connection
        except (DBAPIError, OSError) as error:
            raise click.ClickException(f"{url.username} cannot use {url.host}/{url.database}: {_said(error)}") from None
        finally:
            engine.dispose()


def _said(error: Exception) -> str:
    """PostgreSQL's own words, the system's or ours, without what SQLAlchemy adds."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    detail = cause.args[0] if cause is not None and cause.args else error
    return str(detail.get("M", detail)) if isinstance(detail, dict) else str(cause)


def _admin_url(text: str) -> sa.URL:
    try:
        url = sa.make_url(roles.driver_url(text))
    except (ValueError, sa.exc.ArgumentError):
        raise click.ClickException(
            "--superuser-url must look like postgresql://postgres@db.example.com/postgres"
        ) from None
    if url.password is not None and os.environ.get("SETUP_ADMIN_URL") != text:
        raise click.ClickException(
            "--superuser-url holds a password, which everybody on the machine can read: leave it out"
        )
    if url.username is None:
        raise click.ClickException("--superuser-url names no user")
    return url if url.password is not None else url.set(password=_password("admin", shortest=1))


def _password(who: str, *, shortest: int = SHORTEST_PASSWORD) -> str:
    variable = f"SETUP_{who.upper()}_PASSWORD"
    password = os.environ.get(variable)
    if password is None:
        if not sys.stdin.isatty():
            raise click.ClickException(f"no terminal to ask for the password of the {who}: set {variable}")
        password = click.prompt(f"Password of the {who}", hide_input=True, confirmation_prompt=who != "admin", err=True)
    if len(password) < shortest:
        raise click.ClickException(f"the password of the {who} needs {shortest} characters or more")
    return password


def _tell(console: Console, findings: list[Finding]) -> None:
    for each in findings:
        fix = f" -> {each.fix}" if each.fix else ""
        line = f"{each.what}: {each.said}{fix}"
        console.print(f"  [{COLOURS[each.verdict]}]{each.verdict:<4}[/]  {escape(line)}")


def _tell_what_is_next(console: Console, server: Server, database: str, ca_file: str | None) -> None:
    told = {"DATABASE_URL": roles.APP, "MIGRATION_DATABASE_URL": roles.OWNER}
    console.print("Now tell RecruitPro, with the passwords in place of ***:")
    for name, user in told.items():
        url = server.url_of(user, "x", database).set(drivername="postgresql")
        console.print(f"  RECRUITPRO_{name}={escape(url.render_as_string(hide_password=True))}")
    if ca_file is not None:
        console.print(f"  RECRUITPRO_DATABASE_CA_FILE={escape(ca_file)}")


def main() -> int:
    """Run the command; 1 after a mistake, which is told in one line."""
    return commands.run(command, mistakes=(RuntimeError, ValueError, DBAPIError), told=_said)


if __name__ == "__main__":
    sys.exit(main())
