"""What a PostgreSQL that is to hold RecruitPro's data must be, should be, and how to make it so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from chalicelib import migrations
from chalicelib.migrations import roles

EXTENSION = re.compile(r"create extension if not exists (\w+)", re.IGNORECASE)
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
NAMES = [
    *("server_version_num", "server_version", "max_connections", "superuser_reserved_connections"),
    *("reserved_connections", "TimeZone", "ssl", "fsync", "full_page_writes", "synchronous_commit", "wal_level"),
    *("archive_mode", "shared_preload_libraries", "data_checksums", "log_statement"),
    *("log_min_duration_statement", "log_parameter_max_length"),
]
# The columns are those of roles.POWERS.
STRONG = sa.text("""
    select rolname from pg_roles where rolname = any(:names)
        and (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication)
""")
DATABASE = sa.text("""
    select pg_encoding_to_char(encoding), pg_get_userbyid(datdba) from pg_database where datname = current_database()
""")


class Verdict(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it stands, and what to do when it is not as it should be."""

    what: str
    verdict: Verdict
    said: str
    fix: str = ""


def needed_extensions() -> list[str]:
    """The extensions that migrations of this release create."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(migrations.FOLDER.glob("versions/*.sql"))]
    return sorted({name for text in texts for name in EXTENSION.findall(text)})


def of_server(connection: sa.Connection, *, host: str, needed_connections: int) -> list[Finding]:
    """What belongs to the server as a whole, as any of its databases shows it."""
    query = sa.text("select name, setting from pg_settings where name = any(:names)")
    # A setting that this version does not know is as good as one that is off.
    known = dict.fromkeys(NAMES, "off") | {row.name: row.setting for row in connection.execute(query, {"names": NAMES})}
    encrypted = bool(connection.scalar(sa.text("select ssl from pg_stat_ssl where pid = pg_backend_pid()")))
    on_rds = bool(connection.scalar(sa.text("select exists (select from pg_roles where rolname = 'rds_superuser')")))
    found = of_settings(known, on_rds=on_rds, needed_connections=needed_connections)
    return [*found, encryption(known["ssl"], encrypted, host), *_extensions(connection)]


def of_settings(known: dict[str, str], *, on_rds: bool, needed_connections: int) -> list[Finding]:
    """What the settings `known` (those of NAMES, as pg_settings tells them) are worth."""
    return [
        _version(known),
        _connections(known, needed_connections),
        _durability(known),
        _archive(known, on_rds),
        _time_zone(known),
        _checksums(known),
        _statistics(known),
        _logging(known),
    ]


def of_database(connection: sa.Connection) -> list[Finding]:
    """What belongs to our database, once it is there."""
    encoding, owner = connection.execute(DATABASE).one()
    made = [
        _finding(
            "encoding",
            encoding == "UTF8",
            encoding,
            "dump it, drop it, and let this command make it anew: an encoding cannot be changed",
        ),
        _finding("owner", owner == roles.OWNER, owner, f"alter database … owner to {roles.OWNER}"),
    ]
    ours = [roles.OWNER, roles.APP, *roles.PURPOSES, roles.SEARCHER]
    strong = list(connection.scalars(STRONG, {"names": ours}))
    said = "no role of ours is more than it should be" if not strong else f"too strong: {', '.join(strong)}"
    return [*made, _finding("rights", not strong, said, "run this command as a superuser")]


def _finding(what: str, is_right: bool, said: str, fix: str, otherwise: Verdict = Verdict.FAIL) -> Finding:
    return Finding(what, Verdict.OK, said) if is_right else Finding(what, otherwise, said, fix)


def _version(known: dict[str, str]) -> Finding:
    major = int(known["server_version_num"]) // 10000
    fix = f"upgrade to PostgreSQL {roles.OLDEST_POSTGRES} or newer"
    return _finding("version", major >= roles.OLDEST_POSTGRES, known["server_version"], fix)


def _connections(known: dict[str, str], needed: int) -> Finding:
    reserved = sum(int(known[f"{who}reserved_connections"].replace("off", "0")) for who in ("superuser_", ""))
    free = int(known["max_connections"]) - reserved
    fix = f"set max_connections to {needed + reserved} or more, or put a pooler (transaction mode) before it"
    return _finding("connections", free >= needed, f"{free} for all but superusers, {needed} needed", fix)


def _durability(known: dict[str, str]) -> Finding:
    off = [name for name in ("fsync", "full_page_writes", "synchronous_commit") if known[name] == "off"]
    said = "a commit survives a crash" if not off else f"off: {', '.join(off)}"
    return _finding("durability", not off, said, "set them to on: a crash loses what was committed, or everything")


def encryption(ssl: str, encrypted: bool, host: str) -> Finding:
    """Whether the connection in hand is encrypted; on this machine it need not be."""
    said = "TLS" if encrypted else f"none (ssl is {ssl})"
    otherwise = Verdict.WARN if host in LOOPBACK else Verdict.FAIL
    fix = "set ssl, ssl_cert_file and ssl_key_file, hostssl in pg_hba.conf, and give --ca-file here"
    return _finding("encryption", encrypted, said, fix, otherwise)


def _archive(known: dict[str, str], on_rds: bool) -> Finding:
    archives = known["wal_level"] != "minimal" and (on_rds or known["archive_mode"] != "off")
    said = "by RDS" if on_rds else f"wal_level {known['wal_level']}, archive_mode {known['archive_mode']}"
    fix = (
        "set wal_level to replica, archive_mode to on and an archive_command: without it only a whole backup comes back"
    )
    return _finding("restore to a moment", archives, said, fix, Verdict.WARN)


def _time_zone(known: dict[str, str]) -> Finding:
    fix = "set timezone to UTC: logs and dumps are read beside ours"
    return _finding("time zone", known["TimeZone"] in {"UTC", "Etc/UTC", "GMT"}, known["TimeZone"], fix, Verdict.WARN)


def _checksums(known: dict[str, str]) -> Finding:
    fix = (
        "pg_checksums --enable, with the server stopped: a broken disk is noticed before its pages are in every backup"
    )
    return _finding("checksums of pages", known["data_checksums"] == "on", known["data_checksums"], fix, Verdict.WARN)


def _statistics(known: dict[str, str]) -> Finding:
    loaded = "pg_stat_statements" in known["shared_preload_libraries"]
    said = "pg_stat_statements is loaded" if loaded else "pg_stat_statements is not loaded"
    fix = "add it to shared_preload_libraries: it tells which statements take the time"
    return _finding("statistics", loaded, said, fix, Verdict.WARN)


def _logging(known: dict[str, str]) -> Finding:
    writes = known["log_statement"] in {"all", "mod"} or known["log_min_duration_statement"] != "-1"
    tells = writes and known["log_parameter_max_length"] != "0"
    said = "statements are logged with their values" if tells else "no values in the log"
    fix = "set log_parameter_max_length to 0: the values are names, addresses and texts of people"
    return _finding("log", not tells, said, fix, Verdict.WARN)


def _extensions(connection: sa.Connection) -> list[Finding]:
    query = sa.text("select name, bool_or(trusted) as is_trusted from pg_available_extension_versions group by name")
    available: dict[str, bool] = {row.name: row.is_trusted for row in connection.execute(query)}
    found = []
    for name in needed_extensions():
        said = "not there" if name not in available else "there" if available[name] else "there, for superusers alone"
        fix = f"install the contrib package of PostgreSQL; as a superuser: create extension {name}"
        found.append(_finding(f"extension {name}", available.get(name, False), said, fix))
    return found
