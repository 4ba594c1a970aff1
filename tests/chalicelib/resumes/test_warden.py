"""The process that reads a document: bound in time and memory, without secrets, and never left behind."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from chalicelib.errors import Unavailable
from chalicelib.resumes import errors, warden
from chalicelib.resumes.limits import ReadingLimits

LIMITS = ReadingLimits(timeout_seconds=10, memory_mib=256, max_pages=100)
BOUND = "from chalicelib.resumes.sandbox import bind, ReadingLimits\nbind(ReadingLimits(3, 256, 1))\n"


def ask(program: str, limits: ReadingLimits = LIMITS) -> list[str]:
    """What the warden makes of a process that runs `program` in place of the reader."""
    return warden.pages(b"bytes", filename="cv.pdf", limits=limits, sandbox=(sys.executable, "-c", program))


def output_of(program: str) -> bytes:
    with tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as answer:
        warden.run([sys.executable, "-c", program], question, answer, timeout_seconds=10)
        answer.seek(0)
        return answer.read()


def test_a_process_over_its_time_is_ended_with_all_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    program = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(note)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "time.sleep(60)\n"
    )

    with pytest.raises(errors.FileTooComplex, match=r"longer than 1\.5 seconds"):
        ask(program, ReadingLimits(timeout_seconds=1.5, memory_mib=256, max_pages=1))

    process_ids = [int(word) for word in note.read_text().split()]
    assert len(process_ids) == 2
    assert eventually_gone(process_ids)


def eventually_gone(process_ids: list[int]) -> bool:
    """A grandchild may stay a zombie for a moment, until init has noticed."""
    for _ in range(50):
        alive = [pid for pid in process_ids if psutil.pid_exists(pid) and not is_zombie(pid)]
        if not alive:
            return True
        time.sleep(0.05)
    return False


def is_zombie(process_id: int) -> bool:
    try:
        return psutil.Process(process_id).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_process_cannot_take_more_memory_than_its_limit() -> None:
    program = BOUND + "try:\n    bytearray(400 * 1024 * 1024)\nexcept MemoryError:\n    print('refused')\n"

    assert output_of(program) == b"refused\n"


def test_a_process_that_works_without_end_is_stopped_by_its_cpu_limit() -> None:
    program = (
        BOUND.replace("(3, ", "(0.5, ") + "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0)\nwhile True: pass"
    )

    with pytest.raises(errors.FileTooComplex, match="more time or memory"):
        ask(program)


def test_a_process_that_lost_its_parent_ends_itself() -> None:
    program = BOUND.replace("(3, ", "(0.1, ") + "import time\ntime.sleep(9)"

    with pytest.raises(errors.FileTooComplex, match="more time or memory"):
        ask(program)


def test_a_process_cannot_flood_its_answer() -> None:
    program = BOUND + "import sys\nwhile True: sys.stdout.write('x' * 1_000_000)"

    with pytest.raises(Unavailable):
        ask(program)


def test_no_secret_reaches_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden-value")
    monkeypatch.setenv("RECRUITPRO_TOKEN_SECRET", "hidden-value")

    environment = json.loads(output_of("import json, os; print(json.dumps(dict(os.environ)))"))

    assert "hidden-value" not in environment.values()
    allowed = {*warden.KEPT_VARIABLES, "PYTHONPATH", "PYTHONUTF8", "LC_CTYPE"}
    assert set(environment) <= allowed


def test_the_process_finds_our_code_from_any_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert warden.pages(b"Jordan", filename="cv.txt", limits=LIMITS) == ["Jordan"]


@pytest.mark.parametrize(("signal_name", "code"), [("SIGSEGV", "file_damaged"), ("SIGKILL", "file_too_complex")])
def test_a_crash_is_a_refusal_of_the_file(signal_name: str, code: str) -> None:
    with pytest.raises(errors.Unreadable) as refusal:
        ask(f"import os, signal; os.kill(os.getpid(), signal.{signal_name})")

    assert refusal.value.code == code


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "nonsense",
        "[]",
        '{"pages": [1]}',
        '{"pages": "Ada"}',
        '{"pages": {"Ada": 1}}',
        '{"pages": ["\\u0000"]}',
        '{"refusal": {}}',
    ],
)
def test_an_answer_that_makes_no_sense_is_a_refusal_of_the_file(answer: str) -> None:
    with pytest.raises(errors.FileDamaged):
        ask(f"print({answer!r})")


def test_a_process_that_does_not_start_is_our_trouble_and_is_tried_again() -> None:
    with pytest.raises(errors.ReaderUnavailable) as trouble:
        warden.pages(b"bytes", filename="cv.pdf", limits=LIMITS, sandbox=("/no/such/interpreter",))
    with pytest.raises(errors.ReaderUnavailable):
        warden.pages(b"bytes", filename="cv.pdf", limits=LIMITS, sandbox=(sys.executable, "-m", "no.such.module"))

    assert trouble.value.retries


def test_a_hostile_file_name_is_one_harmless_argument() -> None:
    for name in ("--help", "$(reboot).txt", "x\0.txt", "é" * 5000 + ".txt", "\udcff.txt"):
        assert warden.pages(b"Jordan", filename=name, limits=LIMITS) == ["Jordan"]
