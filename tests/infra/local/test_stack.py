"""The whole stack as a developer starts it, and every way in which it may end."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from infra.local import processes
from infra.local.welcome import introduction

COMMAND = [sys.executable, "-m", "infra.local"]
SERVING_SECONDS = 60


class Running:
    """A stack started by `python -m infra.local run`, with the processes that it started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, processes.free_port()
        self.log = folder.with_name("stack.out")
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [*COMMAND, "run", "--folder", str(folder), "--port", str(self.port)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={name: value for name, value in os.environ.items() if not name.startswith("RECRUITPRO_")},
                start_new_session=True,
            )
        deadline = time.monotonic() + SERVING_SECONDS
        while "Logs: " not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)
        self.children = psutil.Process(self.process.pid).children(recursive=True)

    def child(self, module: str) -> psutil.Process:
        return next(child for child in self.children if module in child.cmdline())

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(40)

    def left(self) -> list[psutil.Process]:
        """Its processes that still run after a moment."""
        _, alive = psutil.wait_procs(self.children, timeout=15)
        return [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Running]]:
    """Starts the stack of this test's folder; a test that fails leaves none behind."""
    started: list[Running] = []

    def start() -> Running:
        started.append(Running(tmp_path / "local"))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            running.end(signal.SIGTERM)


def test_ctrl_c_ends_everything_and_the_data_is_there_the_next_time(
    start: Callable[[], Running],
) -> None:
    running = start()
    first = (running.folder / "demo.json").read_text()
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/api/health/live") as answer:
        assert answer.status == 200
    second = subprocess.run(
        [*COMMAND, "run", "--folder", str(running.folder), "--port", str(processes.free_port())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (second.returncode, second.stdout.count("\n")) == (1, 1)
    assert f"already running (process {running.process.pid}" in second.stdout

    assert running.end(signal.SIGINT) == 0
    assert running.left() == []
    assert "no process is left" in running.log.read_text()

    again = start()
    assert "up to date" in again.log.read_text()
    assert (running.folder / "demo.json").read_text() == first
    assert again.end(signal.SIGTERM) == 0
    assert again.left() == []


def test_a_crashed_child_ends_the_stack_and_is_named_with_its_log(start: Callable[[], Running]) -> None:
    running = start()

    running.child("infra.local.pump").kill()

    assert running.process.wait(40) == 1
    assert running.left() == []
    last = running.log.read_text().splitlines()[-1]
    assert last.startswith("error: the pump was killed (signal 9)")
    assert last.endswith("pump.log)")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent was killed")
def test_a_killed_stack_leaves_no_process_behind_and_starts_again(start: Callable[[], Running]) -> None:
    running = start()

    running.process.kill()
    running.process.wait()

    assert running.left() == []
    again = start()
    assert again.end(signal.SIGINT) == 0


def test_a_busy_port_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        command = [*COMMAND, "run", "--folder", str(tmp_path / "local"), "--port", str(port)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    line = f"error: port {port} is in use: choose another one, as in PORT={port + 1} make run\n"
    assert (result.stdout, result.stderr) == (line, "")


def test_a_misspelt_setting_is_told_before_anything_is_started(tmp_path: Path) -> None:
    result = subprocess.run(
        [*COMMAND, "run", "--folder", str(tmp_path / "local"), "--port", str(processes.free_port())],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"RECRUITPRO_UPLOAD_BUKET": "x"},
    )
    assert result.returncode == 1
    assert "RECRUITPRO_UPLOAD_BUKET: no such setting" in result.stderr
    assert not (tmp_path / "local" / "postgres").exists()


def test_the_lines_to_paste_are_whole_shell_commands() -> None:
    lines = introduction("http://127.0.0.1:8000", {"email": "demo@example.com", "password": "it's a secret"})
    pasted = [line.strip() for line in lines if line.startswith("  ")]
    assert len(pasted) == 3
    body = re.search(r"-d (.*) \| python3", pasted[0])
    assert body is not None
    assert shlex.split(body[1]) == ['{"email": "demo@example.com", "password": "it\'s a secret"}']
