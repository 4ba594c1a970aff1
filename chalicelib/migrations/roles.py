"""The database's roles: who owns the schema, who serves requests, and what each purpose may do.

The application signs in as `recruitpro_app`, which owns nothing and cannot bypass row-level security. For a purpose
that needs other rights it takes on one of the purpose roles for one transaction. `prepare` is idempotent.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

OWNER = "recruitpro_owner"
APP = "recruitpro_app"
PURPOSES = (
    *("recruitpro_sign_in", "recruitpro_dispatcher", "recruitpro_screener", "recruitpro_eraser"),
    "recruitpro_auditor",
)
SEARCHER = "recruitpro_searcher"
# A statement that takes longer, waits longer for a lock, or a transaction left open: the application gives up on them.
TIMEOUTS = {"statement_timeout": "15s", "idle_in_transaction_session_timeout": "60s", "lock_timeout": "5s"}
POWERS = {
    "rolsuper": "superuser",
    "rolbypassrls": "bypassrls",
    "rolcreatedb": "createdb",
    "rolcreaterole": "createrole",
    "rolreplication": "replication",
}
NOT_ALLOWED = "42501"
OLDEST_POSTGRES = 16
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def driver_url(url: str) -> str:
    """`url` for SQLAlchemy with pg8000, whichever PostgreSQL scheme it came with."""
    scheme, rest = url.split("://", 1)
    if scheme.split("+")[0] not in {"postgresql", "postgres"}:
        raise ValueError("the database URL must begin with postgresql://")
    return "postgresql+pg8000://" + rest


def url_for(url: str, *, user: str, password: str, database: str) -> str:
    """`url`'s server, reached by another user and database."""
    parts = urlsplit(url)
    host = parts.netloc.rsplit("@", 1)[-1]
    account = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return urlunsplit(("postgresql", f"{account}@{host}", f"/{database}", "", ""))


def prepare(
    admin: str | sa.Engine, *, database: str, app_password: str, owner_password: str | None = None
) -> list[str]:
    """Create the roles and `database` where they are missing, and set the passwords; what was changed, in words.

    `admin` is a superuser, or a role with createrole and createdb as RDS and others give (its URL, or an engine).
    Without an `owner_password` the owner cannot sign in: whoever prepared the database takes its role on. Raises
    ValueError for a name that is no plain identifier, RuntimeError for a server older than PostgreSQL 16 and for what
    the admin may not do.
    """
    if PLAIN_NAME.fullmatch(database) is None:
        raise ValueError(f"database name {database!r}: use lower-case letters, digits and underscores")
    engine = admin if isinstance(admin, sa.Engine) else _engine(admin)
    try:
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            preparation = _Preparation(connection)
            preparation.roles(owner_password is not None)
            preparation.passwords({OWNER: owner_password, APP: app_password})
            preparation.memberships()
            preparation.timeouts()
            preparation.database(database)
            return preparation.done
    finally:
        engine.dispose()


def verifier(password: str) -> str:
    """What PostgreSQL keeps of a password: enough to check it, not to sign in with. The server is sent this instead of
    the password, which so never stands in a statement, its log or its statistics."""
    # Comes with pg8000, which speaks SCRAM by it; loaded here only, since every function imports this module.
    from scramp import ScramMechanism  # type: ignore[import-untyped]

    salt, stored_key, server_key, iterations = ScramMechanism("SCRAM-SHA-256").make_auth_info(password)
    salt_text, stored, server = (b64encode(part).decode() for part in (salt, stored_key, server_key))
    return f"SCRAM-SHA-256${iterations}:{salt_text}${stored}:{server}"


def act_as_owner(engine: sa.Engine) -> sa.Engine:
    """`engine`, whose connections from now on have the owner's rights and own what they make."""

    @sa.event.listens_for(engine, "connect")
    def take_on(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"set role {OWNER}")
        connection.commit()
        cursor.close()

    return engine


def _engine(url: str) -> sa.Engine:
    return sa.create_engine(driver_url(url), poolclass=sa.NullPool)


class _Preparation:
    """One connection of an admin, and what it has changed."""

    def __init__(self, connection: sa.Connection) -> None:
        self.done: list[str] = []
        self._connection = connection
        version = connection.scalar(sa.text("select current_setting('server_version_num')::int / 10000"))
        if version < OLDEST_POSTGRES:
            raise RuntimeError(f"PostgreSQL {OLDEST_POSTGRES} or newer is needed, this server is {version}")

    def roles(self, owner_signs_in: bool) -> None:
        query = (
            "select rolname, rolcanlogin, rolconfig, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication"
        )
        known = {row.rolname: row for row in self._connection.execute(sa.text(f"{query} from pg_roles"))}
        for name in (OWNER, APP, *PURPOSES, SEARCHER):
            signs_in = name == APP or (name == OWNER and owner_signs_in)
            login = "login" if signs_in else "nologin"
            if name not in known:
                self._change(f"create role {name} {login}", f"role {name} created")
                continue
            # Only what has to be taken away: an admin who is no superuser may not so much as mention the rest.
            row = known[name]
            words = [f"no{word}" for column, word in POWERS.items() if getattr(row, column)]
            words += [login] if row.rolcanlogin is not signs_in else []
            if words:
                self._change(f"alter role {name} {' '.join(words)}", f"role {name} made {' '.join(words)}")

    def passwords(self, passwords: dict[str, str | None]) -> None:
        for name, password in passwords.items():
            if password is not None:
                self._change(f"alter role {name} password '{verifier(password)}'")

    def memberships(self) -> None:
        for purpose in PURPOSES:
            self._grant(purpose, APP, inherit=False)
        self._grant(SEARCHER, OWNER, inherit=True)
        # Whoever is no superuser makes a database only for a role that it can take on itself, and comes into it only
        # by that role's rights.
        both = sa.text("select pg_has_role(current_user, :owner, 'set') and pg_has_role(current_user, :owner, 'usage')")
        if not self._connection.scalar(both, {"owner": OWNER}):
            self._change(f"grant {OWNER} to current_user with inherit true, set true", f"{OWNER} granted to the admin")

    def _grant(self, role: str, member: str, *, inherit: bool) -> None:
        query = "select bool_or(inherit_option), bool_or(set_option) from pg_auth_members where"
        condition = "roleid = to_regrole(:role) and member = to_regrole(:member)"
        row = self._connection.execute(sa.text(f"{query} {condition}"), {"role": role, "member": member}).one()
        if tuple(row) != (inherit, True):
            options = f"inherit {str(inherit).lower()}, set true"
            self._change(f"grant {role} to {member} with {options}", f"{role} granted to {member}")

    def timeouts(self) -> None:
        query = sa.text("select coalesce(rolconfig, '{}') from pg_roles where rolname = :name")
        known = set(self._connection.scalar(query, {"name": APP}) or ())
        for name, value in TIMEOUTS.items():
            if f"{name}={value}" not in known:
                self._change(f"alter role {APP} set {name} = '{value}'", f"{APP}: {name} {value}")

    def database(self, name: str) -> None:
        query = sa.text("select pg_get_userbyid(datdba) from pg_database where datname = :name")
        owner = self._connection.scalar(query, {"name": name})
        if owner is None:
            made = f"create database {name} owner {OWNER} encoding 'UTF8' template template0"
            self._change(made, f"database {name} created")
        elif owner != OWNER:
            self._change(f"alter database {name} owner to {OWNER}", f"database {name} given to {OWNER}")
        self._close_to_the_public(name)

    def _close_to_the_public(self, name: str) -> None:
        acl = "aclexplode(coalesce(datacl, acldefault('d', datdba)))"
        public = f"exists (select from {acl} as right_of where right_of.grantee = 0)"
        query = f"select {public} or not has_database_privilege('{APP}', oid, 'connect') from pg_database"
        if self._connection.scalar(sa.text(f"{query} where datname = :name"), {"name": name}):
            self._change(f"set role {OWNER}")
            self._change(f"revoke all on database {name} from public")
            self._change(f"grant connect on database {name} to {APP}", f"database {name} closed to all but our roles")
            self._change("reset role")

    def _change(self, statement: str, told: str | None = None) -> None:
        try:
            self._connection.exec_driver_sql(statement)
        except ProgrammingError as refused:
            problem = refused.orig.args[0] if refused.orig is not None and refused.orig.args else {}
            if not isinstance(problem, dict) or problem.get("C") != NOT_ALLOWED:
                raise
            asked = " ".join(statement.split(" password ")[0].split())
            raise RuntimeError(f"this admin may not {asked!r}: {problem.get('M')}; do it as a superuser") from None
        if told is not None:
            self.done.append(told)
