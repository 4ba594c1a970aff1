from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pg8000.dbapi
import psutil
import pytest

from infra.local import postgres
from infra.local.processes import LocalMistake

STARTED_AND_KILLED = """
import os, pathlib, sys
from infra.local import postgres
server = postgres.start(pathlib.Path(sys.argv[1]), durable=False)
print(server.child.process.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def connect(url: str) -> pg8000.dbapi.Connection:
    parts = urlsplit(url)
    return pg8000.dbapi.connect(
        parts.username, host=parts.hostname, port=parts.port, password=parts.password, database="postgres"
    )


def run(url: str, statement: str) -> None:
    with closing(connect(url)) as connection:
        connection.cursor().execute(statement)
        connection.commit()


def test_data_is_there_after_a_stop_and_a_start(tmp_path: Path) -> None:
    server = postgres.start(tmp_path, durable=False)
    run(server.url, "create table positions (title text)")
    server.stop()
    assert not server.child.is_running

    again = postgres.start(tmp_path, durable=False)
    try:
        run(again.url, "insert into positions values ('Engineer')")
        assert again.url == server.url
    finally:
        again.stop()


def test_nobody_signs_in_without_the_password(tmp_path: Path) -> None:
    server = postgres.start(tmp_path, durable=False)
    try:
        with pytest.raises(pg8000.dbapi.DatabaseError, match="password"):
            connect(server.url.replace(server.url.split(":")[2].split("@")[0], "wrong"))
        assert (tmp_path / "password").stat().st_mode & 0o077 == 0
    finally:
        server.stop()


def test_a_killed_parent_takes_its_server_along_and_the_next_start_works(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", STARTED_AND_KILLED, str(tmp_path)], capture_output=True, check=False)
    pid = int(killed.stdout)
    deadline = time.monotonic() + 10
    while sys.platform == "linux" and psutil.pid_exists(pid):
        assert time.monotonic() < deadline, "PostgreSQL outlived the process that started it"
        time.sleep(0.05)

    postgres.start(tmp_path, durable=False).stop()


def test_a_server_killed_at_work_recovers_and_a_pid_file_of_another_program_is_ignored(tmp_path: Path) -> None:
    server = postgres.start(tmp_path)
    run(server.url, "create table kept (id int)")
    server.child.process.send_signal(signal.SIGKILL)
    server.child.process.wait()
    server.stop()
    pid_file = tmp_path / "data" / "postmaster.pid"
    lines = pid_file.read_text().split("\n")
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))

    again = postgres.start(tmp_path, durable=False)
    try:
        run(again.url, "insert into kept values (1)")
    finally:
        again.stop()


def test_a_second_start_on_the_same_folder_says_so_in_one_line(tmp_path: Path) -> None:
    server = postgres.start(tmp_path, durable=False)
    try:
        with pytest.raises(LocalMistake, match="in use by another running process"):
            postgres.start(tmp_path, durable=False)
        run(server.url, "select 1")
    finally:
        server.stop()
