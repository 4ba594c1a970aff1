"""The database role that exports: it reads everything, and writes nothing but the record of its exports.

Policies are forced on the owner as well: pg_dump as the owner fails, and with --enable-row-security it would write a
dump without rows and say nothing. BYPASSRLS can be given by a superuser, or by whoever has it. Where the admin has not
(the master of RDS, by what its documentation says), a policy of each table shows this role every row instead.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from chalicelib.migrations import roles
from chalicelib.migrations.roles import OWNER

EXPORTER = "recruitpro_exporter"
IAM = "rds_iam"  # on RDS: who is a member signs in by an IAM token, and by nothing else
POLICY = "read_by_exporter"
NOT_ALLOWED = "42501"
EXISTS = sa.text("select 1 from pg_roles where rolname = :name")
BYPASSES = sa.text("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
# Tables of which some row could be hidden from who asks: none for whoever bypasses policies. A restrictive policy hides
# whatever the permissive ones show.
HIDDEN = sa.text("""
    select relname from pg_class where relkind = 'r' and relrowsecurity and relnamespace = 'public'::regnamespace
    and not (select rolsuper or rolbypassrls from pg_roles where rolname = :name)
    and (not exists (select from pg_policy where polrelid = pg_class.oid and polpermissive and polcmd in ('r', '*')
            and to_regrole(:name) = any(polroles) and pg_get_expr(polqual, polrelid) = 'true')
        or exists (select from pg_policy where polrelid = pg_class.oid and not polpermissive and polcmd in ('r', '*')
            and (0::oid = any(polroles) or to_regrole(:name) = any(polroles))))
    order by relname
""")
GRANTS = (
    f"grant usage on schema public to {EXPORTER}",
    f"grant select on all tables in schema public to {EXPORTER}",
    f"grant select on all sequences in schema public to {EXPORTER}",
    f"grant insert, update on backups to {EXPORTER}",
)
# pg_dump takes as long as it takes.
WITHOUT_HURRY = (
    f"alter role {EXPORTER} set statement_timeout = 0",
    f"alter role {EXPORTER} set idle_in_transaction_session_timeout = 0",
)
# Neither statement takes parameters: PostgreSQL itself writes them, with names and values quoted.
GIVE_PASSWORD = sa.text("select format('alter role %I password %L', cast(:role as text), cast(:verifier as text))")
SHOW = sa.text("""
    select format('create policy %I on %I for select to %I using (true)',
        cast(:policy as text), cast(:table as text), cast(:role as text))
""")


def prepare(admin: str | sa.Engine, *, password: str | None = None) -> list[str]:
    """Make the role in the database that `admin` (a URL or an engine: of a superuser, or of RDS's master) connects to,
    and let it see what migrations have added since. Idempotent. On RDS it signs in by IAM, elsewhere by `password`.

    Returns the tables that it sees by a policy: none where it bypasses them.
    """
    engine = admin if isinstance(admin, sa.Engine) else sa.create_engine(roles.driver_url(admin), poolclass=sa.NullPool)
    try:
        with engine.begin() as connection:
            if connection.scalar(EXISTS, {"name": EXPORTER}) is None:
                connection.exec_driver_sql(f"create role {EXPORTER} login")
            _let_bypass(connection)
            _let_sign_in(connection, password)
            return _let_read(connection)
    finally:
        engine.dispose()


def hidden(connection: sa.Connection, role: str = EXPORTER) -> list[str]:
    """The tables of which a role may not see every row."""
    return list(connection.scalars(HIDDEN, {"name": role}))


def _let_bypass(connection: sa.Connection) -> None:
    """Give BYPASSRLS where this admin may."""
    if connection.scalar(BYPASSES):
        connection.exec_driver_sql(f"alter role {EXPORTER} bypassrls")


def _let_sign_in(connection: sa.Connection, password: str | None) -> None:
    for statement in WITHOUT_HURRY:
        connection.exec_driver_sql(statement)
    if connection.scalar(EXISTS, {"name": IAM}) is not None:
        connection.exec_driver_sql(f"grant {IAM} to {EXPORTER}")
    if password is not None:
        values = {"role": EXPORTER, "verifier": roles.verifier(password)}
        connection.exec_driver_sql(connection.scalar(GIVE_PASSWORD, values) or "")


def _let_read(connection: sa.Connection) -> list[str]:
    database = connection.scalar(sa.text("select quote_ident(current_database())"))
    connection.exec_driver_sql(f"set local role {OWNER}")
    for grant in (f"grant connect on database {database} to {EXPORTER}", *GRANTS):
        connection.exec_driver_sql(grant)
    _show(connection, hidden(connection))
    seen = sa.text("select polrelid::regclass::text from pg_policy where polname = :name order by 1")
    return list(connection.scalars(seen, {"name": POLICY}))


def _show(connection: sa.Connection, tables: Iterable[str]) -> None:
    for table in tables:
        values = {"policy": POLICY, "table": table, "role": EXPORTER}
        connection.exec_driver_sql(connection.scalar(SHOW, values) or "")
