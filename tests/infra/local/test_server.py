from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from infra.local.server import Handler, Server
from tests.infra.local import small_app


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = Server(small_app.app, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def connection(port: int) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        yield connection


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any = None, **headers: str
) -> tuple[http.client.HTTPResponse, Any]:
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    return answer, json.loads(content) if "json" in answer.getheader("Content-Type", "") and content else content


def raw(port: int, request: bytes) -> tuple[bytes, dict[str, Any]]:
    """The status line and the problem document of an answer that closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
        wire.sendall(request)
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    return head.split(b"\r\n")[0], json.loads(body)


def test_a_connection_is_kept_and_the_event_holds_what_api_gateway_sends(
    connection: http.client.HTTPConnection,
) -> None:
    ask(connection, "GET", "/echo/first")
    wire = connection.sock

    _, echoed = ask(connection, "POST", "/echo/a%20b%2Fc?q=x%20y", b'{"a": 1}')

    assert connection.sock is wire
    assert echoed == {
        "word": "a b/c",
        "method": "POST",
        "query": {"q": "x y"},
        "body": '{"a": 1}',
        "source_ip": "127.0.0.1",
    }


def test_answers_leave_at_once_in_one_write() -> None:
    assert Handler.disable_nagle_algorithm
    assert Handler.wbufsize == -1


def test_a_literal_path_wins_and_a_header_may_stand_twice(connection: http.client.HTTPConnection) -> None:
    answer, body = ask(connection, "GET", "/echo/literal")
    assert body == b"found"
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert answer.headers.get_all("Content-Type") == ["text/plain"]


@pytest.mark.parametrize("path", ["/nowhere", "/echo/", "/echo//", "/echo/a/b", "/"])
@pytest.mark.parametrize("token", [None, "Bearer x"])
def test_an_unknown_path_is_a_404_problem_with_the_security_headers(
    connection: http.client.HTTPConnection, path: str, token: str | None
) -> None:
    headers = {"X-Request-Id": "r-1"} | ({"Authorization": token} if token else {})
    answer, problem = ask(connection, "GET", path, **headers)
    assert answer.status == 404
    assert answer.getheader("Content-Type") == "application/problem+json"
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert answer.getheader("X-Frame-Options") == "DENY"
    assert problem == {
        "type": "urn:recruitpro:problem:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "there is nothing at this path",
        "code": "not_found",
        "request_id": "r-1",
    }


@pytest.mark.parametrize("method", ["PUT", "TRACE", "QUERY"])
def test_a_wrong_method_is_a_405_problem_that_names_the_right_ones(
    connection: http.client.HTTPConnection, method: str
) -> None:
    answer, problem = ask(connection, method, "/echo/x")
    assert (answer.status, answer.getheader("Allow"), problem["code"]) == (405, "GET, POST", "method_not_allowed")


def test_head_has_the_length_of_get_and_no_body(connection: http.client.HTTPConnection) -> None:
    got, _ = ask(connection, "GET", "/echo/literal")
    answer, body = ask(connection, "HEAD", "/echo/literal")
    assert (answer.status, body) == (200, b"")
    assert answer.getheader("Content-Length") == got.getheader("Content-Length") == "5"
    missing, body = ask(connection, "HEAD", "/nowhere")
    assert (missing.status, body) == (404, b"")
    assert ask(connection, "GET", "/echo/x")[0].status == 200


def test_no_content_has_no_length(connection: http.client.HTTPConnection) -> None:
    answer, body = ask(connection, "DELETE", "/nothing")
    assert (answer.status, answer.getheader("Content-Length"), body) == (204, None, b"")


def test_authorizers_decide_and_refuse_as_problems(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, "GET", "/private", Authorization="yes")[1] == {"who": "u-1"}
    answer, problem = ask(connection, "GET", "/private")
    assert (answer.status, problem["code"]) == (401, "unauthenticated")
    answer, problem = ask(connection, "GET", "/private", Authorization="no")
    assert (answer.status, problem["code"]) == (403, "forbidden")


def test_two_requests_are_answered_at_once_each_with_its_own_request(port: int) -> None:
    def fetch(name: str) -> Any:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            return ask(connection, "GET", f"/together/{name}")[1]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(fetch, ["one", "two"])) == [{"name": "one"}, {"name": "two"}]


@pytest.mark.parametrize(
    ("request_head", "status", "code"),
    [
        (b"POST /echo/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", b"411", "length_required"),
        (b"POST /echo/x HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400", "bad_request"),
        (b"POST /echo/x HTTP/1.1\r\nContent-Length: 1x\r\n\r\n", b"400", "bad_request"),
        (b"POST /echo/x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", b"400", "bad_request"),
        (b"POST /echo/x HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", b"400", "bad_request"),
        (b"GET /echo/" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", b"414", "uri_too_long"),
        (b"GET /echo/" + b"x" * 70000 + b" HTTP/1.1\r\n\r\n", b"414", "uri_too_long"),
        (b"BREW /echo/x HTTP/1.1\r\n\r\n", b"405", "method_not_allowed"),
        (b"nonsense\r\n\r\n", b"400", "bad_request"),
        (b"GET /echo/x HTTP/1.1\r\nAuthorization: a\r\nauthorization: b\r\n\r\n", b"400", "bad_request"),
        (b"GET /echo/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400", "bad_request"),
    ],
)
def test_what_http_forbids_is_refused_clearly_and_the_connection_closed(
    port: int, request_head: bytes, status: bytes, code: str
) -> None:
    line, problem = raw(port, request_head)
    assert (line.split()[1], problem["code"]) == (status, code)


def test_a_body_above_api_gateways_limit_is_refused_before_and_while_it_is_sent(port: int) -> None:
    size = 10 * 1024 * 1024 + 1
    head = b"POST /echo/x HTTP/1.1\r\nContent-Length: %d\r\n" % size
    for request in (head + b"Expect: 100-continue\r\n\r\n", head + b"\r\n" + b"x" * size):
        line, problem = raw(port, request)
        assert line.startswith(b"HTTP/1.1 413")
        assert problem["code"] == "body_too_large"


def test_a_busy_port_is_one_clear_line_and_exit_code_1(port: int) -> None:
    command = [sys.executable, "-m", "infra.local.server", "--application", "tests.infra.local.small_app:app"]
    result = subprocess.run([*command, "--port", str(port)], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == f"Error: port {port} is in use: choose another one, as in PORT={port + 1} make run\n"
