"""What a request costs inside the process: our handler beside FastAPI + SQLAlchemy ORM, on one PostgreSQL.

Neither side pays for a socket: our app gets the event that API Gateway sends, the peer the scope that an ASGI server
sends, both made once. CPU time is this process's own; PostgreSQL works in processes of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import sqlalchemy as sa

from chalicelib import pipeline
from tests.benchmarks.report import Finding
from tests.benchmarks.rounds import Contestant, Cost, in_turns

WARM_UP = 50
Ask = Callable[[], tuple[int, bytes]]
PEER = "FastAPI + ORM"
ON, OFF = "RecruitPro", "RecruitPro, no rate limit"


def run(*, rounds: int, requests: int) -> list[Finding]:
    """One table: CPU and wall milliseconds a request, statements, and how many times the peer's cost is ours."""
    from infra.local import postgres
    from tests import house

    with tempfile.TemporaryDirectory(prefix="recruitpro-bench-") as folder:
        server = postgres.start(Path(folder) / "postgres", durable=False)
        try:
            database = house.build_database(server, "recruitpro")
            os.environ.update(house.settings_for(database, None))
            # What a container on Lambda has, and every request allowed; INFO is what production logs.
            os.environ.update(
                RECRUITPRO_DATABASE_POOL_SIZE="1",
                RECRUITPRO_RATE_LIMIT_DEFAULT="1000000000/minute",
                RECRUITPRO_ACCESS_TOKEN_SECONDS="86400",
                RECRUITPRO_LOG_LEVEL="INFO",
            )
            house.forget_settings()
            return [_measure(database, rounds, requests)]
        finally:
            house.forget_settings()
            server.stop()


def _measure(database: Any, rounds: int, requests: int) -> Finding:
    from chalicelib import db
    from chalicelib.migrations.roles import driver_url
    from tests.benchmarks import data, peer
    from tests.house import SETTINGS

    _log_to_nowhere()
    recruiter = data.fill(database)
    peer_engine = sa.create_engine(driver_url(database.superuser_url), pool_size=1, max_overflow=0, pool_pre_ping=True)
    loop = asyncio.new_event_loop()
    peer_app = peer.build(peer_engine, SETTINGS["RECRUITPRO_TOKEN_SECRET"])
    rows: list[list[str]] = []
    found: dict[str, Any] = {}
    for title, target in (
        ("list 50 candidates", "/api/candidates?limit=50"),
        ("one candidate", f"/api/candidates/{recruiter.candidate_id}"),
        ("list 50 positions", "/api/positions?limit=50"),
        ("one position", f"/api/positions/{recruiter.position_id}"),
    ):
        ours, theirs = our_ask(target, recruiter.token), peer_ask(peer_app, target, recruiter.token)
        _check_alike(ours(), loop.run_until_complete(theirs()))
        contestants = {
            ON: Contestant(partial(_repeat, ours), partial(_limit_rates, is_on=True)),
            PEER: Contestant(lambda count, theirs=theirs: loop.run_until_complete(_repeat_async(theirs, count))),  # type: ignore[misc]
            OFF: Contestant(partial(_repeat, ours), partial(_limit_rates, is_on=False)),
        }
        costs = in_turns(contestants, title=title, count=requests, rounds=rounds, warm_up=WARM_UP)
        _limit_rates(is_on=True)
        counts = {
            ON: _counted(db.engine(), lambda ours=ours: ours()),  # type: ignore[misc]
            PEER: _counted(peer_engine, lambda theirs=theirs: loop.run_until_complete(theirs())),  # type: ignore[misc]
        }
        _limit_rates(is_on=False)
        counts[OFF] = _counted(db.engine(), lambda ours=ours: ours())  # type: ignore[misc]
        found[title] = {name: _data(costs[name], counts[name], costs[PEER]) for name in costs}
        rows += [_row(title, name, found[title][name]) for name in costs]
    loop.close()
    peer_engine.dispose()
    return Finding(
        "Handlers: cost of one request in process",
        ("call", "app", "CPU ms", "wall ms", "spread", "statements", "transactions", "pings", "peer CPU / this"),
        rows,
        found,
        (
            f"Median of {rounds} rounds in turns, {requests} requests each, after {WARM_UP} unmeasured ones. One "
            f"PostgreSQL, {data.CANDIDATES:,} candidates in {data.ORGANIZATIONS} organizations; one connection each.",
            "RecruitPro: token, sign-in, rate limit, row-level security, query, page with cursor, log line, all "
            "headers. Peer: token, sign-in, query, total; async endpoints on a sync session, so that no thread is paid "
            "for. Superuser, no row-level security.",
        ),
    )


def our_ask(target: str, token: str) -> Ask:
    """One GET through the Chalice app, by an event as API Gateway sends it."""
    import app
    from infra.local.gateway import Gateway, Routes

    gateway = Gateway(app.app, Routes(app.app.routes), source_ip="203.0.113.1")
    context = gateway._generate_lambda_context()
    headers = {"Host": "recruitpro.test", "Authorization": f"Bearer {token}", "Accept": "application/json"}
    event = gateway._generate_lambda_event("GET", target, headers, None)

    def ask() -> tuple[int, bytes]:
        answer = app.app(event, context)
        return answer["statusCode"], answer["body"].encode()

    return ask


def peer_ask(peer_app: Any, target: str, token: str) -> Callable[[], Any]:
    """One GET through an ASGI app, by a scope as uvicorn makes it."""
    parts = urlsplit(target)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(b"host", b"peer.test"), (b"authorization", f"Bearer {token}".encode())],
        "client": ("203.0.113.1", 50000),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def ask() -> tuple[int, bytes]:
        status, body = 0, b""

        async def send(message: dict[str, Any]) -> None:
            nonlocal status, body
            status = message.get("status", status)
            body += message.get("body", b"")

        await peer_app(dict(scope), receive, send)
        return status, body

    return ask


def _repeat(ask: Ask, count: int) -> None:
    for _ in range(count):
        if ask()[0] != 200:
            raise RuntimeError(f"the app answered {ask()}")


async def _repeat_async(ask: Callable[[], Any], count: int) -> None:
    for _ in range(count):
        if (await ask())[0] != 200:
            raise RuntimeError("the peer did not answer 200")


def _check_alike(ours: tuple[int, bytes], theirs: tuple[int, bytes]) -> None:
    """Both have to answer the same, or the comparison means nothing."""
    if ours[0] != 200 or theirs[0] != 200:
        raise RuntimeError(f"{ours[0]} and {theirs[0]}: {ours[1][:200]!r} {theirs[1][:200]!r}")
    mine, other = json.loads(ours[1]), json.loads(theirs[1])
    if {name: mine[name] for name in other} != other:
        raise RuntimeError("RecruitPro and its peer do not answer the same")


def _limit_rates(*, is_on: bool) -> None:
    from chalicelib import settings

    os.environ["RECRUITPRO_RATE_LIMIT_ENABLED"] = str(is_on).lower()
    settings.settings.cache_clear()


def _log_to_nowhere() -> None:
    """Log lines are made and written as in production, only that nobody has to see them."""
    from chalicelib.logs import log

    log.setLevel("INFO")
    sink = Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process
    for handler in log.handlers:
        handler.setStream(sink)  # type: ignore[attr-defined]


def _counted(engine: sa.Engine, ask: Callable[[], Any]) -> Counter[str]:
    """What one request asks of the database."""
    counts: Counter[str] = Counter()

    def statement(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        counts["statements"] += 1

    def begun(_connection: Any) -> None:
        counts["transactions"] += 1

    # A statement that is a transaction of its own goes past the engine's begin.
    let_be_alone = pipeline.let_next_be_alone

    def alone(connection: Any) -> None:
        counts["transactions"] += 1
        let_be_alone(connection)

    ping = engine.dialect.do_ping

    def counted_ping(connection: Any) -> bool:
        counts["pings"] += 1
        return ping(connection)

    sa.event.listen(engine, "before_cursor_execute", statement)
    sa.event.listen(engine, "begin", begun)
    engine.dialect.do_ping = counted_ping  # type: ignore[method-assign, assignment]
    try:
        with patch.object(pipeline, "let_next_be_alone", alone):
            ask()
    finally:
        engine.dialect.do_ping = ping  # type: ignore[method-assign]
        sa.event.remove(engine, "before_cursor_execute", statement)
        sa.event.remove(engine, "begin", begun)
    return counts


def _data(cost: Cost, counts: Counter[str], peer: Cost) -> dict[str, Any]:
    return {
        "cpu_ms": round(cost.cpu_ms, 3),
        "wall_ms": round(cost.wall_ms, 3),
        "spread": round(cost.spread, 2),
        "statements": counts["statements"],
        "transactions": counts["transactions"],
        "pings": counts["pings"],
        "peer_cpu_over_this": round(peer.cpu_ms / cost.cpu_ms, 2),
    }


def _row(title: str, name: str, data: dict[str, Any]) -> list[str]:
    return [
        title if name == ON else "",
        name,
        f"{data['cpu_ms']:.2f}",
        f"{data['wall_ms']:.2f}",
        f"{data['spread']:.0%}",
        str(data["statements"]),
        str(data["transactions"]),
        str(data["pings"]),
        "1" if name == PEER else f"{data['peer_cpu_over_this']:.2f}",
    ]
