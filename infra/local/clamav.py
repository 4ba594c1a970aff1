"""A real clamd on this machine, for the local stack and for tests.

ClamAV's own definitions come from its mirrors by freshclam and take 1.2 GiB of memory. A developer's machine needs
neither: clamd runs with one signature of ours, which knows EICAR, and so goes every way that a real find goes.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chalicelib.documents.eicar import EICAR

HOST = "127.0.0.1"
SIGNATURE_NAME = "Eicar-Test-Signature"
MIB = 1024 * 1024
STOP_SECONDS = 10
CONTAINER_CONF = Path(__file__).parents[1] / "scanner" / "clamd.conf"
# How it looks at files. Where, with how many threads and up to which size it listens is this machine's own business.
AS_IN_THE_CONTAINER = (
    "ReadTimeout",
    "MaxFileSize",
    "MaxScanSize",
    "MaxScanTime",
    "AlertExceedsMax",
    "AlertEncrypted",
)
_POLL_SECONDS = 0.05
_PLACES = ("/usr/sbin/clamd", "/usr/local/sbin/clamd", "/opt/homebrew/sbin/clamd")

Progress = Callable[[str], None]


class ClamdNotStarted(RuntimeError):
    """clamd is missing, ended at once, or does not answer; the text says which and quotes its log."""


@dataclass(frozen=True, slots=True)
class RunningClamd:
    """A clamd that answers on 127.0.0.1:`port` and, when asked for, on `socket_path`."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int
    socket_path: Path | None
    started_seconds: float
    host: str = HOST

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """End this clamd and wait for it; doing so twice is harmless."""
        if not self.is_running:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def find_clamd() -> str | None:
    """Where clamd is installed, or None. It lives in sbin, which an ordinary user's PATH may leave out."""
    return shutil.which("clamd") or next((place for place in _PLACES if os.access(place, os.X_OK)), None)


def start(
    folder: Path,
    *,
    port: int = 0,
    socket_path: Path | None = None,
    stream_max_bytes: int = 25 * MIB,
    timeout_seconds: float = 60,
    on_progress: Progress = lambda _: None,
) -> RunningClamd:
    """A clamd that answers, with its signatures, settings, log and pid file in `folder`; port 0 takes a free one.

    `stream_max_bytes` is the largest file it takes and has to lie above the upload limit. Raises ClamdNotStarted.
    """
    program = find_clamd()
    if program is None:
        raise ClamdNotStarted(
            "clamd is not installed (Debian: apt-get install clamav-daemon; macOS: brew install clamav)"
        )
    port = _take_port(port)
    config = write_folder(folder, port=port, socket_path=socket_path, stream_max_bytes=stream_max_bytes)
    on_progress("starting clamd")
    began = time.monotonic()
    with (folder / "clamd.out").open("wb") as output:
        process = subprocess.Popen(
            [program, f"--config-file={config}"], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    clamd = RunningClamd(process, folder, port, socket_path, started_seconds=0)
    try:
        _wait(clamd, began + timeout_seconds, on_progress)
    except BaseException:
        clamd.stop()
        raise
    return RunningClamd(process, folder, port, socket_path, started_seconds=time.monotonic() - began)


def write_folder(folder: Path, *, port: int, socket_path: Path | None, stream_max_bytes: int) -> Path:
    """Write signatures and settings into `folder`; returns the path of clamd.conf."""
    signatures = folder / "signatures"
    signatures.mkdir(parents=True, exist_ok=True)
    (folder / "tmp").mkdir(exist_ok=True)
    # Name : any file type : any offset : the bytes.
    (signatures / "recruitpro.ndb").write_text(f"{SIGNATURE_NAME}:0:*:{EICAR.hex()}\n", encoding="ascii")
    config = folder / "clamd.conf"
    lines = _settings(folder, signatures, port, socket_path, stream_max_bytes)
    config.write_text("\n".join(f"{name} {value}" for name, value in lines) + "\n", encoding="utf-8")
    return config


def container_settings() -> dict[str, str]:
    """What clamd is told in its container, where its limits have their one place."""
    lines = CONTAINER_CONF.read_text(encoding="utf-8").splitlines()
    name_and_value = (line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    return {name: value.strip() for name, value in name_and_value}


def _settings(
    folder: Path, signatures: Path, port: int, socket_path: Path | None, stream_max_bytes: int
) -> list[tuple[str, object]]:
    settings: list[tuple[str, object]] = [
        ("Foreground", "yes"),
        ("TCPSocket", port),
        ("TCPAddr", HOST),
        ("DatabaseDirectory", signatures),
        ("TemporaryDirectory", folder / "tmp"),
        ("LogFile", folder / "clamd.log"),
        ("LogFileUnlock", "yes"),
        ("LogTime", "yes"),
        ("PidFile", folder / "clamd.pid"),
        ("SelfCheck", 0),
        ("MaxThreads", 4),
        ("StreamMaxLength", stream_max_bytes),
        *((name, value) for name, value in container_settings().items() if name in AS_IN_THE_CONTAINER),
    ]
    if socket_path is not None:
        settings += [("LocalSocket", socket_path), ("LocalSocketMode", 600), ("FixStaleSocket", "yes")]
    if os.geteuid() == 0:
        # Without it a distribution's build may change to its own user, who cannot read a folder of ours.
        settings.append(("User", "root"))
    return settings


def _take_port(port: int) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as refusal:
            raise ClamdNotStarted(f"port {port} of {HOST} is taken: {refusal.strerror}") from None
        return int(probe.getsockname()[1])


def _wait(clamd: RunningClamd, deadline: float, on_progress: Progress) -> None:
    told = time.monotonic()
    while time.monotonic() < deadline:
        if not clamd.is_running:
            raise ClamdNotStarted(f"clamd ended at once (code {clamd.process.returncode}): {_last_words(clamd.folder)}")
        if _answers(clamd):
            on_progress(f"clamd answers on {HOST}:{clamd.port}")
            return
        if time.monotonic() - told >= 1:
            told = time.monotonic()
            on_progress("waiting for clamd to load its signatures")
        time.sleep(_POLL_SECONDS)
    raise ClamdNotStarted(f"clamd does not answer in time: {_last_words(clamd.folder)}")


def _answers(clamd: RunningClamd) -> bool:
    """Whether it answers on all its addresses; ClamdNotStarted when it gave one of them up and runs on without it."""
    with suppress(OSError), socket.create_connection((HOST, clamd.port), timeout=2) as connection:
        if not _pongs(connection):
            return False
        if clamd.socket_path is None or _answers_on(clamd.socket_path):
            return True
        raise ClamdNotStarted(f"clamd does not answer on {clamd.socket_path}: {_last_words(clamd.folder)}")
    return False


def _answers_on(socket_path: Path) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(2)
        connection.connect(str(socket_path))
        return _pongs(connection)
    return False


def _pongs(connection: socket.socket) -> bool:
    connection.sendall(b"zPING\0")
    return connection.recv(16) == b"PONG\0"


def _last_words(folder: Path) -> str:
    lines = (folder / "clamd.out").read_text(encoding="utf-8", errors="replace").splitlines()
    return " | ".join(lines[-3:]) or "it left no word"
