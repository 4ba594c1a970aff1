"""One POST to an address that a user gave. The name is resolved once and checked, and the connection goes to the very
address that was checked, so a name that changes its mind in between gains nothing. Redirects are not followed, proxies
of the environment are not used, of the answer no more than its status is kept."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPException
from types import TracebackType

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from chalicelib.errors import RecruitProError
from chalicelib.outbound.errors import BadAnswer, ConnectFailed, NameNotResolved, TimedOut, TlsFailed
from chalicelib.outbound.policy import Policy, Resolve, resolve
from chalicelib.outbound.urls import OutboundUrl

ANSWER_BYTES = 4096
ADDRESSES_TRIED = 4


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for a connection, for the next bytes, and for everything together."""

    connect_seconds: float = 5
    read_seconds: float = 10
    total_seconds: float = 15


@dataclass(frozen=True, slots=True)
class Sender:
    """How requests are sent. `tls` None trusts what the system trusts."""

    policy: Policy
    patience: Patience = field(default_factory=Patience)
    tls: ssl.SSLContext | None = None
    resolve: Resolve = resolve

    def post(self, url: OutboundUrl, body: bytes, headers: Mapping[str, str]) -> int:
        """Send `body`; the status of the answer. Raises what outbound/errors.py lists."""
        self.policy.check(url)
        with _Deadline(self.patience.total_seconds) as deadline:
            try:
                return self._post(url, body, headers, deadline)
            except RecruitProError:
                raise
            except Exception as error:
                raise _named(error, is_late=deadline.is_over) from error

    def _post(self, url: OutboundUrl, body: bytes, headers: Mapping[str, str], deadline: _Deadline) -> int:
        connection = self._connection(url, lambda: self._open(url, deadline))
        try:
            connection.request("POST", url.target, body=body, headers=headers, preload_content=False)
            answer = connection.getresponse()
            deadline.seconds_left()  # a connection cut in the middle of the headers looks like their end
            with suppress(Exception):  # the status is what counts, and it is here
                answer.read(ANSWER_BYTES, decode_content=False)
            return answer.status
        finally:
            connection.close()

    def _connection(self, url: OutboundUrl, open_socket: Callable[[], socket.socket]) -> HTTPConnection:
        seconds = self.patience.read_seconds
        if url.scheme == "http":
            plain = _Plain(url.host, url.port, timeout=seconds)
            plain.open_socket = open_socket
            return plain
        secure = _Secure(url.host, url.port, timeout=seconds, ssl_context=self.tls or trust(None))
        secure.open_socket = open_socket
        return secure

    def _open(self, url: OutboundUrl, deadline: _Deadline) -> socket.socket:
        """A connection to one of the addresses that were checked."""
        addresses = self.policy.addresses(url, deadline.bounding(self.resolve))
        for address in addresses[:ADDRESSES_TRIED]:
            seconds = min(self.patience.connect_seconds, deadline.seconds_left())
            with suppress(OSError):
                opened = socket.create_connection((str(address), url.port), timeout=seconds)
                deadline.watch(opened)
                opened.settimeout(self.patience.read_seconds)
                return opened
        raise ConnectFailed("nobody answers there")


class _Plain(HTTPConnection):
    open_socket: Callable[[], socket.socket]

    def _new_conn(self) -> socket.socket:
        return self.open_socket()


class _Secure(HTTPSConnection):
    """TLS with the name of the host, as ever: only where the bytes go is decided by us."""

    open_socket: Callable[[], socket.socket]

    def _new_conn(self) -> socket.socket:
        return self.open_socket()


@cache
def trust(ca_file: str | None) -> ssl.SSLContext:
    """TLS that trusts what the system trusts, and the authorities of a file beside it."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


class _Deadline:
    """Ends a connection when the time is up, whatever it is doing: a server that sends a byte now and then outlives
    any time-out of the socket."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._watched: socket.socket | None = None
        self.is_over = False

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._timer.cancel()
        if self._watched is not None:
            self._watched.close()

    def seconds_left(self) -> float:
        """Raises TimedOut when there are none."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimedOut("it took too long")
        return left

    def watch(self, opened: socket.socket) -> None:
        # A second handle of the same connection: TLS takes the first one over.
        self._watched = opened.dup()

    def _cut(self) -> None:
        self.is_over = True
        if self._watched is not None:
            with suppress(OSError):
                self._watched.shutdown(socket.SHUT_RDWR)

    def bounding(self, act: Resolve) -> Resolve:
        """`act`, given up when the time is up: the system's resolver knows no time-out of ours."""

        def bounded(host: str, port: int) -> list[str]:
            found: list[list[str]] = []
            thread = threading.Thread(target=lambda: found.append(_names_of(act, host, port)), daemon=True)
            thread.start()
            thread.join(self.seconds_left())
            if not found:
                raise TimedOut("the name of this host takes too long to resolve")
            return found[0]

        return bounded


def _names_of(act: Resolve, host: str, port: int) -> list[str]:
    with suppress(NameNotResolved):
        return act(host, port)
    return []


def _named(error: Exception, *, is_late: bool) -> RecruitProError:
    """What happened, as one of our errors; `error` itself when it is a fault of ours."""
    if is_late or isinstance(error, TimeoutError):
        return TimedOut("the answer took too long")
    if isinstance(error, ssl.SSLError):
        return TlsFailed("no secure connection: look at the certificate and its host name")
    if isinstance(error, OSError):
        return ConnectFailed("the connection broke before there was an answer")
    if isinstance(error, HTTPException | HTTPError):
        return BadAnswer("what answers there does not speak HTTP")
    raise error
