"""Where HTTPS is forced: what somebody is told who came by plain HTTP."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest

from tests import factories
from tests.api import ApiClient
from tests.conftest import Tenant

# Written out, because workers that run in parallel must agree on the names of tests.
NOBODYS_ID = "0190a0a0-0000-7000-8000-000000000001"


@pytest.fixture
def https_only(tenant: Tenant, configure: Callable[..., None]) -> None:
    configure(force_https="true", allowed_hosts="recruitpro.test, api.recruitpro.test:8443")


@pytest.mark.parametrize(
    "target",
    [
        "/api/projects",
        "/api/projects?limit=5&status=active",
        "/api/candidates?q=a%20b%26c&tag=%C3%A9%2Bx",
        "/api/health/live",
        "/api/projects?a=1&a=2&empty=",
    ],
)
@pytest.mark.parametrize("protocol", [{}, {"X-Forwarded-Proto": "http"}, {"X-Forwarded-Proto": "HTTP, https"}])
@pytest.mark.usefixtures("https_only")
def test_a_get_is_sent_to_https_as_it_was(api: ApiClient, target: str, protocol: dict[str, str]) -> None:
    reply = api.call("GET", target, headers=protocol)

    assert (reply.status, reply.body) == (308, b""), reply
    location, asked = urlsplit(reply.headers["location"]), urlsplit(target)
    assert (location.scheme, location.netloc, location.path) == ("https", "recruitpro.test", asked.path)
    assert sorted(parse_qsl(location.query, keep_blank_values=True)) == sorted(
        parse_qsl(asked.query, keep_blank_values=True)
    )
    assert reply.headers["x-frame-options"] == "DENY"


@pytest.mark.usefixtures("https_only")
def test_a_redirect_names_the_thing_asked_for(api: ApiClient) -> None:
    path = f"/api/projects/{uuid4()}"

    assert api.get(path).headers["location"] == f"https://recruitpro.test{path}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/projects"),
        ("POST", "/api/auth/login"),
        ("PATCH", "/api/users/me"),
        ("DELETE", f"/api/projects/{NOBODYS_ID}"),
        ("PUT", "/api/projects"),
        ("OPTIONS", "/api/projects"),
    ],
)
@pytest.mark.usefixtures("https_only")
def test_whatever_writes_is_refused_over_plain_http(api: ApiClient, method: str, path: str) -> None:
    reply = api.call(method, path, {"name": "Search"})

    assert (reply.status, reply.code) == (403, "https_required"), reply
    assert "location" not in reply.headers


@pytest.mark.usefixtures("https_only")
def test_over_https_all_is_as_ever(api: ApiClient) -> None:
    api.headers["X-Forwarded-Proto"] = "https"

    assert factories.new_project(api)["name"]
    assert api.get("/api/projects").status == 200


@pytest.mark.parametrize(
    "host", ["evil.test", "recruitpro.test.evil.test", "recruitpro.test:81", "recruitpro.test@evil.test", ""]
)
@pytest.mark.usefixtures("https_only")
def test_a_redirect_leads_to_no_host_but_ours(api: ApiClient, host: str) -> None:
    reply = api.get("/api/projects", {"Host": host})

    assert (reply.status, reply.code) == (403, "https_required"), reply
    assert "location" not in reply.headers


@pytest.mark.usefixtures("https_only")
def test_each_of_our_hosts_is_redirected_to_itself(api: ApiClient) -> None:
    reply = api.get("/api/projects", {"Host": "API.recruitpro.test:8443"})

    assert reply.headers["location"] == "https://api.recruitpro.test:8443/api/projects"


def test_without_hosts_of_ours_plain_http_is_refused(api: ApiClient, configure: Callable[..., None]) -> None:
    configure(force_https="true")

    assert api.get("/api/projects").code == "https_required"
