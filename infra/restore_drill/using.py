"""The restored database in use: the app and the pump run on it, and somebody signs in and works."""

from __future__ import annotations

from infra.demo.client import Api, Json, Unexpected, check
from infra.restore_drill.checks import Check
from infra.restore_drill.filling import EMAIL, ONLY_IN_RESUME
from infra.smoke.__main__ import Wish, run


def smoke_test(url: str, password: str) -> Check:
    """What `make smoke` looks at."""
    report = run(Wish(url, email=EMAIL, password=password))
    failed = [f"{look.name}: {look.detail}" for look in report.failed]
    return Check("smoke test", not failed, "; ".join(failed) or f"{len(report.looks)} looks")


def recruit(url: str, password: str) -> Check:
    """A list, a search for a word of a résumé, a candidate written, and a rating that a job makes."""
    try:
        return Check("recruiting", True, _recruit(Api(url), password))
    except Unexpected as wrong:
        return Check("recruiting", False, str(wrong))


def _recruit(api: Api, password: str) -> str:
    api.sign_in(EMAIL, password)
    listed = api.ask("GET", "/api/candidates", 200)["items"]
    check(len(listed) > 0, "nobody is listed")
    found = api.ask("GET", "/api/candidates/search", 200, params={"q": ONLY_IN_RESUME})["items"]
    check(len(found) == 1, f"{len(found)} people are found by a word that one résumé has")
    written = api.ask("POST", "/api/candidates", 201, json={"name": "Somebody New"})
    position = api.ask("GET", "/api/positions", 200)["items"][0]
    wish = {"candidate_id": written["id"], "position_id": position["id"]}
    application = api.ask("POST", "/api/applications", 201, json=wish)
    job = api.ask("POST", f"/api/applications/{application['id']}/screenings", 202)
    done = api.wait(f"/api/jobs/{job['id']}", _has_ended, "the screening")
    check(done["status"] == "succeeded", f"the screening ended {done['status']}: {done['error']}")
    return f"{len(listed)} listed, 1 found, 1 written, 1 rated"


def _has_ended(job: Json) -> bool:
    return job["status"] not in ("queued", "running")
