"""A request goes to the address that was checked, waits no longer than it may, and follows nobody."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.errors import RecruitProError
from chalicelib.outbound.client import Patience, Sender, trust
from chalicelib.outbound.errors import (
    AddressRefused,
    BadAnswer,
    ConnectFailed,
    NameNotResolved,
    TimedOut,
    TlsFailed,
    UrlRefused,
)
from chalicelib.outbound.policy import Policy, resolve
from chalicelib.outbound.urls import parse
from tests.chalicelib.outbound.receivers import certificate, receiving, serving_as, speaking

HERE = Policy(frozenset({"http", "https"}), None, frozenset({"127.0.0.1", "receiver.test"}))
SHORT = Patience(connect_seconds=1, read_seconds=0.5, total_seconds=1)


def answering(*answers: list[str]) -> tuple[Callable[[str, int], list[str]], list[str]]:
    """A resolver that gives one answer after the other, and the names it was asked for."""
    left, asked = list(answers), list[str]()

    def answer(host: str, _port: int) -> list[str]:
        asked.append(host)
        return left.pop(0) if len(left) > 1 else left[0]

    return answer, asked


def test_a_request_arrives_whole_and_its_status_comes_back() -> None:
    with receiving() as receiver:
        status = Sender(HERE).post(parse(f"{receiver.url}?a=1"), b'{"x": 1}', {"Content-Type": "application/json"})

    [request] = receiver.received
    assert (status, request.path, request.body) == (204, "/hook?a=1", b'{"x": 1}')
    assert (request.headers["content-type"], request.headers["host"]) == (
        "application/json",
        f"127.0.0.1:{receiver.port}",
    )


def test_a_name_is_resolved_once_and_its_checked_address_connected_to(tmp_path: Path) -> None:
    file = certificate(tmp_path, "receiver.test")
    names, asked = answering(["127.0.0.1"], ["10.9.9.9"])

    with receiving(serving_as(file)) as receiver:
        sender = Sender(HERE, tls=trust(str(file)), resolve=names)
        status = sender.post(parse(f"https://receiver.test:{receiver.port}/in"), b"{}", {})

    assert (status, asked) == (204, ["receiver.test"])
    assert receiver.received[0].headers["host"] == f"receiver.test:{receiver.port}"


def test_a_name_that_changes_its_mind_after_it_was_checked_gains_nothing() -> None:
    names, asked = answering(["8.8.8.8"], ["127.0.0.1"])
    public = Policy(frozenset({"http"}), None)

    with receiving() as receiver:
        url = parse(f"http://rebinding.example:{receiver.port}/")
        public.check(url)
        assert [str(address) for address in public.addresses(url, names)] == ["8.8.8.8"]
        with pytest.raises(AddressRefused):
            Sender(public, resolve=names).post(url, b"{}", {})

    assert (receiver.received, asked) == ([], ["rebinding.example"] * 2)


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    names, _ = answering(["8.8.8.8", "127.0.0.1"])

    sender = Sender(Policy(frozenset({"http"}), None), resolve=names)

    with receiving() as receiver, pytest.raises(AddressRefused):
        sender.post(parse(f"http://both.example:{receiver.port}/"), b"{}", {})

    assert receiver.received == []


def test_a_redirect_is_not_followed() -> None:
    with receiving() as inside, receiving() as receiver:
        receiver.status, receiver.headers = 307, {"Location": inside.url}
        assert Sender(HERE).post(parse(receiver.url), b"{}", {}) == 307

    assert inside.received == []


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver, receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert Sender(HERE).post(parse(receiver.url), b"{}", {}) == 204

    assert proxy.received == []


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    names, _ = answering(["127.0.0.1"])
    with receiving(serving_as(certificate(tmp_path, "receiver.test"))) as receiver, pytest.raises(TlsFailed):
        Sender(HERE, resolve=names).post(parse(f"https://receiver.test:{receiver.port}/"), b"{}", {})

    assert receiver.received == []


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    file = certificate(tmp_path, "elsewhere.test")
    names, _ = answering(["127.0.0.1"])
    sender = Sender(HERE, tls=trust(str(file)), resolve=names)

    with receiving(serving_as(file)) as receiver, pytest.raises(TlsFailed):
        sender.post(parse(f"https://receiver.test:{receiver.port}/"), b"{}", {})

    assert receiver.received == []


def test_an_endless_answer_is_not_read() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    with speaking(talk) as port:
        started = time.monotonic()
        assert Sender(HERE, SHORT).post(parse(f"http://127.0.0.1:{port}/"), b"{}", {}) == 200
        assert time.monotonic() - started < 1


def drip(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.1)


def nothing(connection: socket.socket) -> None:
    connection.recv(4096)
    time.sleep(1.5)


def hang_up(connection: socket.socket) -> None:
    connection.recv(4096)


def babble(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"220 mail.example ESMTP\r\n\r\n")


def endless_headers(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: 1\r\n" % number for number in range(200)) + b"\r\n")


@pytest.mark.parametrize(
    ("talk", "scheme", "error"),
    [
        (drip, "http", TimedOut),
        (nothing, "http", TimedOut),
        (nothing, "https", TimedOut),
        (drip, "https", TlsFailed),
        (hang_up, "http", ConnectFailed),
        (babble, "http", BadAnswer),
        (endless_headers, "http", BadAnswer),
    ],
)
def test_a_server_that_is_slow_or_mad_ends_in_time_with_its_reason(
    talk: Callable[[socket.socket], None], scheme: str, error: type[RecruitProError]
) -> None:
    with speaking(talk) as port:
        started = time.monotonic()
        with pytest.raises(error):
            Sender(HERE, SHORT).post(parse(f"{scheme}://127.0.0.1:{port}/"), b"{}", {})
        assert time.monotonic() - started < 1.4


def test_nobody_at_the_port_and_no_such_name_are_told_apart() -> None:
    with speaking(hang_up) as port:
        pass
    with pytest.raises(ConnectFailed):
        Sender(HERE, SHORT).post(parse(f"http://127.0.0.1:{port}/"), b"{}", {})
    with pytest.raises(NameNotResolved):
        Sender(HERE, SHORT).post(parse("http://no-such-host.invalid/"), b"{}", {})
    with pytest.raises(NameNotResolved):
        resolve("no-such-host.invalid", 443)


def test_a_resolver_that_never_answers_is_given_up() -> None:
    def slow(_host: str, _port: int) -> list[str]:
        time.sleep(1.3)
        return ["127.0.0.1"]

    started = time.monotonic()
    with pytest.raises(TimedOut):
        Sender(HERE, SHORT, resolve=slow).post(parse("http://receiver.test/"), b"{}", {})
    assert time.monotonic() - started < 1.2


def test_what_the_policy_refuses_is_never_connected_to() -> None:
    with receiving() as receiver, pytest.raises(UrlRefused):
        Sender(Policy(), SHORT).post(parse(receiver.url), b"{}", {})

    assert receiver.received == []
