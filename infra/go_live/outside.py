"""What anybody can see of an environment from outside."""

from __future__ import annotations

import socket
import ssl
import warnings
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx

from chalicelib.settings import VERSION
from infra.go_live.world import NotLookedAt, World
from infra.smoke import __main__ as smoke
from infra.smoke import public
from infra.smoke.report import Report, expect

LONGEST_BACKUP_HOURS, LONGEST_DEFINITIONS_HOURS = 26, 48
CERTIFICATE_LASTS = timedelta(days=14)
CONNECT_SECONDS = 10


def is_this_release(world: World) -> str:
    told = world.http.get("/api/version").json()
    expect(told["environment"] == world.environment, f"the server is {told['environment']}")
    expect(told["version"] == VERSION, f"the server runs {told['version']}, this checkout is {VERSION}")
    return f"{told['version']}, {told['environment']}"


def smoke_passes(world: World) -> str:
    if world.wish.token is None and not (world.wish.email and world.wish.password):
        raise NotLookedAt("set SMOKE_TOKEN, or SMOKE_EMAIL and SMOKE_PASSWORD")
    report = smoke.run(world.wish)
    expect(not report.failed, "; ".join(f"{look.name.strip()}: {look.detail}" for look in report.failed))
    return f"{sum(look.outcome == 'pass' for look in report.looks)} looks"


def only_https(world: World) -> str:
    host = _https_host(world)
    # Only of a server that answers does it say anything that it refuses.
    _certificate(host, ssl.create_default_context())
    try:
        plain = httpx.get(f"http://{host}/api/candidates", timeout=CONNECT_SECONDS, follow_redirects=False)
    except httpx.HTTPError:
        plain_says = "plain HTTP does not answer"
    else:
        expect(plain.status_code in {301, 308, 403}, f"plain HTTP answers {plain.status_code}")
        plain_says = f"plain HTTP answers {plain.status_code}"
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # that it is old is the point
        old.minimum_version, old.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.TLSv1_1
    try:
        _certificate(host, old)
    except (ssl.SSLError, OSError):
        return f"{plain_says}, TLS 1.1 is refused"
    expect(False, "TLS 1.1 is taken")
    raise AssertionError


def certificate_lasts(world: World) -> str:
    certificate = _certificate(_https_host(world), ssl.create_default_context())
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    left = ends - datetime.now(UTC)
    expect(left > CERTIFICATE_LASTS, f"it ends on {ends:%d %B %Y}")
    return f"until {ends:%d %B %Y}"


def _https_host(world: World) -> str:
    parts = urlsplit(world.url)
    expect(parts.scheme == "https", f"{world.url} is no HTTPS address")
    return parts.netloc


def _certificate(host: str, context: ssl.SSLContext) -> dict[str, object]:
    name, _, port = host.partition(":")
    with (
        socket.create_connection((name, int(port or 443)), timeout=CONNECT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        return dict(secure.getpeercert() or {})


def registration_is_closed(world: World) -> str:
    # Not a registration, whatever the answer: the body lacks everything that one needs.
    answer = world.http.post("/api/auth/register", json={})
    code = answer.json().get("code")
    expect(code == "registration_closed", f"it answers {answer.status_code} {code}: set OpenRegistration to false")
    return "registration_closed"


def headers_and_origins(world: World) -> str:
    report = Report()
    public.look(world.http, report, environment=world.environment, origin=world.wish.origin)
    wanted = ("security headers", "CORS")
    failed = [look for look in report.failed if look.name.startswith(wanted)]
    expect(not failed, "; ".join(f"{look.name}: {look.detail}" for look in failed))
    return "as they should be"


def backup_is_young(world: World) -> str:
    age = world.health["backup"].get("newest_age_hours")
    expect(age is not None, "there is no snapshot yet: invoke take_snapshot, or wait for 02:00 UTC")
    expect(float(age or 0) <= LONGEST_BACKUP_HOURS, f"the newest is {age} hours old")
    return f"{age} hours old"


def scanner_is_fresh(world: World) -> str:
    scanner = world.health["scanner"]
    expect(scanner["status"] == "up", f"the scanner is {scanner['status']}: {scanner.get('detail')}")
    age = scanner.get("definitions_age_hours")
    expect(age is not None, "nobody knows how old its definitions are")
    expect(float(age or 0) <= LONGEST_DEFINITIONS_HOURS, f"its definitions are {age} hours old")
    return f"definitions {age} hours old"
