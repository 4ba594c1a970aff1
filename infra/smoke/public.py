"""What anybody may ask of a deployment: it answers, it is healthy, and its doors are where they should be."""

from __future__ import annotations

import time

import httpx

from infra.smoke.report import Report, expect

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
HSTS = "Strict-Transport-Security"
HEALTH_TRIES, HEALTH_PAUSE_SECONDS = 4, 2.0
STRANGER = "https://a-stranger.example"


def look(http: httpx.Client, report: Report, *, environment: str | None = None, origin: str | None = None) -> None:
    """Everything that needs no account; `environment` is what the server must say it is, `origin` a frontend's."""
    _version(http, report, environment)
    with report.look("live") as live:
        live.detail = str(_json(http, "/api/health/live", 200)["status"])
    _health(http, report)
    _description(http, report)
    _headers(http, report)
    _preflight(http, report, origin)
    _refusals(http, report)


def _json(http: httpx.Client, path: str, status: int) -> dict[str, object]:
    answer = http.get(path)
    expect(answer.status_code == status, f"GET {path} answered {answer.status_code}, not {status}: {answer.text[:200]}")
    found: dict[str, object] = answer.json()
    return found


def _version(http: httpx.Client, report: Report, environment: str | None) -> None:
    with report.look("version") as version:
        told = _json(http, "/api/version", 200)
        version.detail = f"{told['version']}, {told['environment']}"
        is_that_one = environment in (None, told["environment"])
        expect(is_that_one, f"this server is {told['environment']}, not {environment}")


def _health(http: httpx.Client, report: Report) -> None:
    checks: dict[str, dict[str, object]] = {}
    with report.look("health") as health:
        answer = _settled_health(http)
        checks = answer.json()["checks"]
        health.detail = answer.json()["status"]
        expect(answer.status_code == 200, f"{health.detail} ({answer.status_code})")
    for name, found in checks.items():
        with report.look(f"  {name}") as part:
            rest = ", ".join(f"{key} {value}" for key, value in found.items() if key != "status" and value is not None)
            part.detail = f"{found['status']}{': ' if rest else ''}{rest}"
            expect(found["status"] != "down", part.detail)


def _settled_health(http: httpx.Client) -> httpx.Response:
    """The first answer in which nothing is down, or the last of a few: a part that misses its deadline once, as at the
    start of a container, is not broken."""
    for left in reversed(range(HEALTH_TRIES)):
        answer = http.get("/api/health")
        if left == 0 or "down" not in {found["status"] for found in answer.json()["checks"].values()}:
            break
        time.sleep(HEALTH_PAUSE_SECONDS)
    return answer


def _description(http: httpx.Client, report: Report) -> None:
    with report.look("openapi") as openapi:
        paths = _json(http, "/api/openapi.json", 200)["paths"]
        assert isinstance(paths, dict)
        expect("/api/applications" in paths, "the description does not know applications")
        openapi.detail = f"{len(paths)} paths"
    with report.look("docs"):
        page = http.get("/api/docs")
        expect(page.status_code == 200, f"/api/docs answered {page.status_code}")
        expect("text/html" in page.headers.get("Content-Type", ""), "/api/docs is no HTML")


def _headers(http: httpx.Client, report: Report) -> None:
    with report.look("security headers"):
        found = http.get("/api/version").headers
        expected = [name for name, value in HEADERS.items() if found.get(name) != value]
        missing = expected + [name for name in ("Content-Security-Policy",) if name not in found]
        if http.base_url.scheme == "https" and HSTS not in found:
            missing.append(HSTS)
        expect(not missing, f"missing or other: {', '.join(missing)}")


def _preflight(http: httpx.Client, report: Report, origin: str | None) -> None:
    with report.look("CORS preflight of a stranger"):
        answer = _asked_by(http, STRANGER)
        granted = answer.headers.get("Access-Control-Allow-Origin")
        expect(answer.status_code in {200, 204}, f"answered {answer.status_code}")
        expect(granted is None, f"pages of {granted} may call this API")
    if origin is None:
        report.skip("CORS preflight of the frontend", "no --origin given")
        return
    with report.look("CORS preflight of the frontend") as preflight:
        answer = _asked_by(http, origin)
        granted, methods = (answer.headers.get(f"Access-Control-Allow-{name}") for name in ("Origin", "Methods"))
        expect(granted == origin, f"{origin} may not call this API")
        expect("POST" in (methods or ""), "POST is not allowed")
        preflight.detail = origin


def _asked_by(http: httpx.Client, origin: str) -> httpx.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return http.options("/api/candidates", headers=asked)


def _refusals(http: httpx.Client, report: Report) -> None:
    for name, path, status in (
        ("unknown path", "/api/no-such-thing", 404),
        ("without a token", "/api/candidates", 401),
        ("with a wrong token", "/api/candidates", 401),
    ):
        with report.look(f"{name}: {status}") as refusal:
            headers = {"Authorization": "Bearer not.a.token"} if "wrong" in name else {}
            answer = http.get(path, headers=headers)
            kind = answer.headers.get("Content-Type", "")
            expect(answer.status_code == status, f"{path} answered {answer.status_code}")
            # What API Gateway answers by itself for an unknown path is a problem document too.
            expect(kind.startswith("application/problem+json"), f"{path} answered {kind or 'nothing'}, no problem")
            refusal.detail = answer.json()["code"]
