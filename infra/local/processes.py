"""The processes that the local stack starts: each with a log, none outliving the stack."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CHILD = Path(__file__).with_name("child.py")
HOST = "127.0.0.1"


class LocalMistake(Exception):
    """Something the developer can put right; the text is one line and says how."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running program of the stack: what it is called and where its log is."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def last_words(self) -> str:
        """The last line that it logged, to be shown when it ended by itself."""
        lines = self.log.read_text(errors="replace").split("\n") if self.log.exists() else []
        return next((line.strip() for line in reversed(lines) if line.strip()), "it logged nothing")

    def stop(self, *patience: tuple[signal.Signals, float]) -> None:
        """Ask it to end, ever more firmly: each signal with the seconds to wait after it, SIGKILL at the end."""
        for number, seconds in patience or ((signal.SIGTERM, 10.0),):
            if not self.is_running:
                return
            self.process.send_signal(number)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
        if self.is_running:
            self.process.kill()
            self.process.wait()


def start(
    name: str,
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    user: tuple[int, int] | None = None,
    on_parent_death: signal.Signals = signal.SIGTERM,
    cwd: Path | None = None,
) -> Child:
    """Start `command` in a session of its own, so that Ctrl-C reaches the stack alone, which then ends it in order.

    `user` is a uid and gid to run as (root only). Call from a thread that lives as long as the child should: on Linux
    the child is signalled when that thread ends.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    launcher = [sys.executable, "-S", str(CHILD), "--parent", str(os.getpid()), "--signal", on_parent_death.name]
    if user is not None:
        launcher += ["--uid", str(user[0]), "--gid", str(user[1])]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*launcher, "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment) if environment is not None else None,
            cwd=cwd,
            start_new_session=True,
        )
    return Child(name, log, process)


def wait_until(ready: Callable[[], bool], child: Child, *, seconds: float) -> None:
    """Wait until `ready()`; LocalMistake when the child ends before, or is not ready in time."""
    deadline = time.monotonic() + seconds
    while not ready():
        if not child.is_running:
            raise LocalMistake(f"{child.name} did not start: {child.last_words()} (log: {child.log})")
        if time.monotonic() > deadline:
            raise LocalMistake(f"{child.name} was not ready within {seconds:.0f} seconds (log: {child.log})")
        time.sleep(0.05)


def answers(port: int) -> bool:
    """Whether something accepts connections on this port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        # As servers do it: a connection that lingers from the last run does not make the port busy.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port(preferred: int | None = None) -> int:
    """`preferred` when it is free, else any port that is."""
    if preferred and is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
