"""The second half of the story: who gets in how far, and how somebody is forgotten."""

from __future__ import annotations

from infra.demo.client import Api, check
from infra.local.console import Steps

FORGOTTEN = "Otto Ephemeral"


def lock(api: Api, steps: Steps) -> None:
    """Give a program a key that may look at candidates and do nothing else, and take it away again."""
    with steps.step("Give a program a key that may read candidates") as step:
        made = api.ask("POST", "/api/api-keys", 201, json={"name": "Demo", "scopes": ["candidates:read"]})
        program = api.as_somebody(made["key"])
        seen = program.ask("GET", "/api/candidates", 200)
        refused = program.ask("POST", "/api/candidates", 403, json={"name": "Nobody"})
        check(refused["code"] == "scope_missing", f"writing with it was refused as {refused['code']}")
        step.detail = f"it sees {seen['total']} and may change none (403 {refused['code']})"
    with steps.step("Take the key away") as step:
        api.ask("DELETE", f"/api/api-keys/{made['id']}", 204)
        ended = program.ask("GET", "/api/candidates", 401)
        step.detail = f"401 {ended['code']} at once"


def forget(api: Api, steps: Steps, position_id: str) -> None:
    """Erase somebody who asks for it, and read the certificate."""
    with steps.step(f"Hand {FORGOTTEN} all that is held about them") as step:
        somebody = api.ask("POST", "/api/candidates", 201, json={"name": FORGOTTEN, "summary": "asks to be forgotten"})
        api.ask("POST", "/api/applications", 201, json={"candidate_id": somebody["id"], "position_id": position_id})
        records = api.ask("GET", f"/api/candidates/{somebody['id']}/export", 200)["records"]
        step.detail = ", ".join(f"{len(rows)} {table}" for table, rows in records.items() if rows)
    with steps.step("Erase them") as step:
        job = api.ask("POST", f"/api/candidates/{somebody['id']}/erase", 202)
        done = api.wait(
            f"/api/jobs/{job['id']}", lambda seen: seen["status"] not in ("queued", "running"), "the erasure"
        )
        check(done["status"] == "succeeded", f"the erasure ended {done['status']}: {done['error']}")
        certificate = api.ask("GET", f"/api/erasures/{done['result']['erasure_id']}", 200)
        erased = certificate["rows_erased"]
        step.detail = f"certificate: {sum(erased.values())} rows of {sum(map(bool, erased.values()))} tables"
    api.ask("GET", f"/api/candidates/{somebody['id']}", 404)
    events = api.ask("GET", "/api/events", 200, params={"candidate_id": somebody["id"]})["items"]
    check(FORGOTTEN not in str(events), "an event still tells the name")
    check(events[-1]["action"] == "candidate_erased", f"the last event is {events[-1]['action']}, not the erasure")
