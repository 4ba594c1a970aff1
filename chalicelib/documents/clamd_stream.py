"""The `clamd` client, made safe to wait for: one deadline for all of a command, large chunks, whole answers only.

The library sends 1 KB chunks (1.65 times slower on 5 MB), connects without a time-out and takes half an answer for a
whole one.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from contextlib import suppress
from typing import BinaryIO

import clamd

CHUNK_BYTES = 256 * 1024
BYTES_PER_SECOND = 20 * 1024 * 1024
# A clamd that is being restarted refuses for a moment; longer than this is the next attempt's business.
REFUSED_PAUSES_SECONDS = (0.1, 0.3)
_MAX_REPLY_BYTES = 4096
_END = b"\0"


class ClamdSilent(Exception):
    """No whole answer came: refused, reset, cut off, too long, or not in time. The text says which."""


class ClamdStream(clamd.ClamdNetworkSocket):  # type: ignore[misc]  # the library ships no types
    """Commands to clamd and their answers, within `timeout_seconds` of its making altogether, and a second more for
    every BYTES_PER_SECOND of a stream. Serves one thread."""

    def __init__(
        self,
        host: str,
        port: int,
        socket_path: str | None,
        timeout_seconds: float,
        connect_timeout_seconds: float = 3.0,
    ) -> None:
        super().__init__(host, port, timeout_seconds)
        self._socket_path = socket_path
        self._connect_timeout_seconds = connect_timeout_seconds
        self._deadline = time.monotonic() + timeout_seconds

    def ask(self, command: str) -> str:
        """clamd's answer to a command that needs no data, such as VERSION; raises ClamdSilent."""
        return self._converse(command, None)

    def scan_stream(self, stream: BinaryIO) -> str:
        """clamd's answer about the whole of `stream`; raises ClamdSilent, or StreamUnreadable if there is none."""
        if stream.seekable():
            self._deadline += stream.seek(0, os.SEEK_END) / BYTES_PER_SECOND
        return self._converse("INSTREAM", stream)

    def _converse(self, command: str, stream: BinaryIO | None) -> str:
        try:
            self._connect()
            with self.clamd_socket:
                return self._exchange(command, stream)
        except TimeoutError:
            raise ClamdSilent("no answer in time") from None
        except OSError as failure:
            raise ClamdSilent(failure.strerror or "connection failed") from None

    def _exchange(self, command: str, stream: BinaryIO | None) -> str:
        try:
            self._send(f"z{command}\0".encode("ascii"))
            if stream is not None:
                self._send_chunks(stream)
        except (BrokenPipeError, ConnectionResetError):
            # clamd stops listening when a stream is over its limit, and may have said so before.
            with suppress(ConnectionResetError):
                return self._recv_response()
            raise
        return self._recv_response()

    def _connect(self) -> None:
        for pause_seconds in REFUSED_PAUSES_SECONDS:
            try:
                return self._init_socket()
            except ConnectionRefusedError:
                time.sleep(min(pause_seconds, self._left()))
        return self._init_socket()

    def _init_socket(self) -> None:
        patience_seconds = min(self._left(), self._connect_timeout_seconds)
        if self._socket_path is None:
            self.clamd_socket = socket.create_connection((self.host, self.port), timeout=patience_seconds)
            return
        self.clamd_socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.clamd_socket.settimeout(patience_seconds)
            self.clamd_socket.connect(self._socket_path)
        except BaseException:
            self.clamd_socket.close()
            raise

    def _send_chunks(self, stream: BinaryIO) -> None:
        chunk = _read_first(stream)
        while chunk:
            self._send(struct.pack("!L", len(chunk)) + chunk)
            chunk = _read(stream)
        self._send(struct.pack("!L", 0))

    def _send(self, data: bytes) -> None:
        self.clamd_socket.settimeout(self._left())
        self.clamd_socket.sendall(data)

    def _recv_response(self) -> str:
        reply = b""
        while not reply.endswith(_END):
            self.clamd_socket.settimeout(self._left())
            received = self.clamd_socket.recv(_MAX_REPLY_BYTES)
            reply += received
            if not received or len(reply) > _MAX_REPLY_BYTES:
                raise ClamdSilent("the answer was cut off" if reply else "the connection was closed without an answer")
        return reply.removesuffix(_END).decode("utf-8", errors="replace")

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class StreamUnreadable(Exception):
    """The document itself could not be read to its end; clamd is not to blame."""


def _read_first(stream: BinaryIO) -> bytes:
    """The first chunk, wherever a reader before us left the stream: clamd calls an empty stream OK."""
    if stream.seekable():
        stream.seek(0)
    first = _read(stream)
    if not first:
        raise StreamUnreadable("there is not one byte in it")
    return first


def _read(stream: BinaryIO) -> bytes:
    try:
        return stream.read(CHUNK_BYTES)
    except OSError as failure:
        raise StreamUnreadable(str(failure)) from failure
