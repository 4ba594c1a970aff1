"""The calls whose statements are measured: every list by first page, deep page, filter and sort, searches, reports,
single things, and the usual writes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import sqlalchemy as sa

from tests.benchmarks.million import Member

DEPTH = 90_000
COMMON = ("engineer", "software", "team", "manager", "python", "data", "london", "university")
SEARCHES: Mapping[str, tuple[str, ...]] = {
    "rare word": ("{rare}",),
    "common word": COMMON,
    "two common words": ("engineer software", "team python", "manager data", "london engineer"),
    "common and rare": ("engineer {rare}", "python {rare}", "london {rare}"),
    "phrase": ('"software engineer"', '"project manager"', '"data analyst"'),
    "rare phrase": ('"engineer software team"', '"python customers"', '"cloud agile"'),
    "prefix": ("eng*", "pyth*", "manag*", "lo*", "s*"),
    "OR": ("python OR java", "nurse OR teacher", "london OR berlin", "rust OR golang"),
    "without": ("engineer -python", "manager -london", "python -engineer -software"),
    "name": ("{name}",),
}
SORTS = ("-created_at", "created_at", "name", "-name", "updated_at", "-updated_at")
FILTERS: dict[str, Mapping[str, tuple[str, ...]]] = {
    "/api/candidates": {
        "skill": ("Python", "SQL", "Redis", "Azure", "Kotlin"),
        "tag": ("spring", "alumni", "graduate", "remote"),
        "source": ("linkedin", "alumni", "event", "nobody"),
        "stage": ("applied", "offer", "hired", "nowhere"),
        "created_after": ("2024-06-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        "created_before": ("2024-06-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        "position_id": ("{position}",),
        "q": COMMON,
    },
    "/api/applications": {
        "stage": ("applied", "screen", "offer", "hired", "nowhere"),
        "status": ("active", "rejected", "withdrawn"),
        "position_id": ("{position}",),
        "candidate_id": ("{candidate}",),
    },
    "/api/documents": {
        "kind": ("resume", "cover_letter", "import", "other"),
        "status": ("clean", "infected", "scanning", "rejected"),
        "candidate_id": ("{candidate}",),
        "position_id": ("{position}",),
    },
    "/api/events": {
        "candidate_id": ("{candidate}",),
        "application_id": ("{application}",),
        "position_id": ("{position}",),
    },
    "/api/jobs": {
        "status": ("queued", "running", "succeeded", "failed", "cancelled"),
        "kind": ("analyze_document", "screen_candidate", "market_research"),
        "priority": ("high", "default", "low"),
    },
    "/api/interviews": {
        "status": ("scheduled", "completed", "cancelled"),
        "application_id": ("{application}",),
        "candidate_id": ("{candidate}",),
        "position_id": ("{position}",),
        "interviewer_id": ("{user}",),
        "starts_after": ("2026-11-01T00:00:00Z", "2024-06-01T00:00:00Z"),
        "starts_before": ("2026-11-01T00:00:00Z", "2024-06-01T00:00:00Z"),
    },
    "/api/outreach": {
        "status": ("draft", "sent", "failed"),
        "candidate_id": ("{candidate}",),
        "application_id": ("{application}",),
    },
    "/api/positions": {"status": ("open", "closed", "on_hold"), "project_id": ("{project}",)},
    "/api/projects": {"status": ("active", "completed", "archived")},
    "/api/imports": {"status": ("succeeded", "failed")},
}
COMBINED = (
    {"skill": ("Python", "SQL"), "source": ("linkedin", "alumni")},
    {"skill": ("Python", "Redis"), "tag": ("spring", "alumni")},
    {"position_id": ("{position}",), "stage": ("applied", "hired")},
    {"skill": ("Python", "Azure"), "sort": ("name", "updated_at")},
    {"source": ("linkedin", "alumni"), "sort": ("name", "-updated_at")},
    {"stage": ("hired", "applied"), "sort": ("name",)},
    {"tag": ("spring", "alumni"), "sort": ("name",)},
    {"q": ("engineer", "python"), "source": ("alumni",)},
    {"q": ("engineer", "python"), "sort": ("name",)},
)
REPORTS = ("overview", "funnel", "time_in_stage", "sources", "adverse_impact")
PERIODS: dict[str, dict[str, str]] = {
    "90 days": {},
    "a year": {"from": "2025-11-24", "to": "2026-11-23"},
    "three years": {"from": "2023-11-24", "to": "2026-11-23"},
}


@dataclass(frozen=True, slots=True)
class Call:
    """One kind of request; `send` makes it once, with values taken by chance."""

    name: str
    send: Callable[[Member, random.Random], Any]


@dataclass(frozen=True, slots=True)
class Known:
    """Ids and words of one organization, to fill in where a call has a name in braces."""

    values: dict[str, list[str]]

    def fill(self, text: str, chance: random.Random) -> str:
        for name, known in self.values.items():
            if "{" + name + "}" in text:
                text = text.replace("{" + name + "}", chance.choice(known))
        return text


def ask(member: Member, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Any:
    """One request through the app, by an event as API Gateway sends it; its JSON."""
    import app
    from infra.local.gateway import Gateway, Routes

    gateway = Gateway(app.app, Routes(app.app.routes), source_ip="203.0.113.1")
    sent = {"Host": "recruitpro.test", "Authorization": f"Bearer {member.token}", **(headers or {})}
    if body is not None:
        sent["Content-Type"] = "application/json"
    answer = gateway.answer(method, path, sent, None if body is None else json.dumps(body).encode())
    if answer.status >= 400:
        raise RuntimeError(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
    return json.loads(answer.body) if answer.body else None


def calls_of(superuser: sa.Connection, member: Member) -> list[Call]:
    """All of them, for one organization."""
    known = _known(superuser, member)
    calls: list[Call] = []
    for path, filters in FILTERS.items():
        calls += [_get(path, known, {}), _deep(path, known, {})]
        for name, values in filters.items():
            calls += [_get(path, known, {name: values}), _deep(path, known, {name: values[:1]})]
    calls += [_get("/api/candidates", known, {"sort": (sort,)}, f"/api/candidates sort={sort}") for sort in SORTS]
    calls += [
        _deep("/api/candidates", known, {"sort": (sort,)}, f"/api/candidates sort={sort}, deep") for sort in SORTS
    ]
    for combined in COMBINED:
        calls.append(_get("/api/candidates", known, combined))
    for name, texts in SEARCHES.items():
        calls.append(_get("/api/candidates/search", known, {"q": texts}, f"search: {name}"))
        calls.append(_get("/api/candidates/search", known, {"q": texts, "skip": ("80",)}, f"search: {name}, page 5"))
    for report in REPORTS:
        for period, dates in PERIODS.items():
            told = {key: (value,) for key, value in dates.items()}
            calls.append(_get(f"/api/reports/{report}", known, told, f"report {report}, {period}", limit=False))
        for narrowed in ("position_id", "project_id"):
            given = {narrowed: ("{" + narrowed.removesuffix("_id") + "}",)}
            calls.append(_get(f"/api/reports/{report}", known, given, f"report {report}, {narrowed}", limit=False))
    calls += [
        _get("/api/candidates/duplicates", known, {}, "duplicates"),
        _get("/api/candidates/duplicates", known, {"candidate_id": ("{candidate}",)}, "duplicates of one"),
        _get("/api/jobs/stats", known, {}, "jobs/stats", limit=False),
        _get("/api/retention/warnings", known, {}, "retention warnings"),
        _get("/api/users", known, {}, "users"),
        _get("/api/erasures", known, {}, "erasures"),
        _get("/api/imports/{import}/rows", known, {}, "import rows"),
        _deep("/api/imports/{import}/rows", known, {}, "import rows, deep"),
        _get(
            "/api/imports/{import}/rows", known, {"outcome": ("failed", "created", "updated")}, "import rows by outcome"
        ),
        _get("/api/applications/{application}/screenings", known, {}, "screenings of an application"),
    ]
    for thing in ("candidate", "application", "position", "project", "document", "job", "import", "interview"):
        calls.append(_get(f"/api/{thing}s/{{{thing}}}", known, {}, f"one {thing}", limit=False))
    return calls + _writes(known)


def _known(superuser: sa.Connection, member: Member) -> Known:
    values: dict[str, list[str]] = {"user": [str(member.user_id)]}
    for name in ("candidate", "application", "position", "project", "document", "job", "import", "interview"):
        query = sa.text(f"""
            select id::text from (select id from {name}s where organization_id = :id order by id limit 20000) as some_
            order by md5(id::text) limit 200
        """)
        values[name] = list(superuser.execute(query, {"id": member.organization_id}).scalars())
    is_open = sa.text("select id::text from positions where organization_id = :id and status = 'open' limit 100")
    values["open"] = list(superuser.execute(is_open, {"id": member.organization_id}).scalars())
    values["rare"] = list(superuser.exec_driver_sql("select unnest(rare[3000:3400]) from bulk.lists").scalars())
    names = sa.text("select name from candidates where organization_id = :id limit 200")
    values["name"] = list(superuser.execute(names, {"id": member.organization_id}).scalars())
    return Known(values)


def _query(known: Known, chance: random.Random, given: Mapping[str, tuple[str, ...]]) -> str:
    return urlencode({name: known.fill(chance.choice(values), chance) for name, values in given.items()})


def _title(path: str, given: Mapping[str, tuple[str, ...]]) -> str:
    return f"{path} {' '.join(given)}".strip()


def _get(
    path: str, known: Known, given: Mapping[str, tuple[str, ...]], name: str | None = None, *, limit: bool = True
) -> Call:
    wanted = {**given, "limit": ("20",)} if limit else given

    def send(member: Member, chance: random.Random) -> Any:
        return ask(member, "GET", f"{known.fill(path, chance)}?{_query(known, chance, wanted)}")

    return Call(name or _title(path, given), send)


def _deep(path: str, known: Known, given: Mapping[str, tuple[str, ...]], name: str | None = None) -> Call:
    """A page by the cursor that lies 90,000 rows deep, or in the middle of a shorter list."""
    cursors: dict[str, str] = {}

    def send(member: Member, chance: random.Random) -> Any:
        query = _query(known, chance, given)
        target = known.fill(path, random.Random(1))
        if query not in cursors:
            cursors[query] = _cursor_at_depth(member, target, query)
        if cursors[query]:
            query += f"&cursor={quote(cursors[query])}"
        return ask(member, "GET", f"{target}?{query}&limit=20")

    return Call(name or f"{_title(path, given)}, deep", send)


def _cursor_at_depth(member: Member, path: str, query: str) -> str:
    for depth in (DEPTH, 9_000, 900, 20):
        page = ask(member, "GET", f"{path}?{query}&limit=20&skip={depth}")
        if page["next_cursor"]:
            return str(page["next_cursor"])
    return ""


def _writes(known: Known) -> list[Call]:
    def create(member: Member, chance: random.Random) -> Any:
        number = uuid4().hex
        body = {"name": f"Nora {number}", "email": f"nora{number}@new.example", "skills": ["Python", "SQL"],
                "location": "London", "summary": "Ten years of engineering."}  # fmt: skip
        return ask(member, "POST", "/api/candidates", body)

    def change(member: Member, chance: random.Random) -> Any:
        candidate = chance.choice(known.values["candidate"])
        return ask(member, "PATCH", f"/api/candidates/{candidate}", {"headline": f"Engineer {chance.random()}"})

    def apply(member: Member, chance: random.Random) -> Any:
        candidate = create(member, chance)["id"]
        position = chance.choice(known.values["open"])
        return ask(member, "POST", "/api/applications", {"candidate_id": candidate, "position_id": position})

    def move(member: Member, chance: random.Random) -> Any:
        application = apply(member, chance)
        return ask(member, "POST", f"/api/applications/{application['id']}/move",
                   {"from_stage": "applied", "to_stage": "screen"})  # fmt: skip

    writes = {"create a candidate": create, "change a candidate": change, "apply": apply, "move an application": move}
    return [Call(name, partial(send)) for name, send in writes.items()]
