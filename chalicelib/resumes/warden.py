"""The warden starts a process for each document, waits for its answer, and ends it when it takes too long."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from chalicelib.resumes.errors import FileDamaged, FileTooComplex, ReaderUnavailable, Unreadable, retold
from chalicelib.resumes.limits import ReadingLimits
from chalicelib.resumes.sandbox import EXIT_ANSWERED
from chalicelib.resumes.text import PAGE_BREAK

SANDBOX = (sys.executable, "-s", "-P", "-m", "chalicelib.resumes.sandbox")
ROOT = Path(__file__).resolve().parents[2]  # where chalicelib stands: /var/task on Lambda
# What an interpreter needs to start, and nothing more: no credentials, no settings of ours.
KEPT_VARIABLES = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TZ")
BROKEN_SIGNALS = (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE)
MAX_FILENAME = 255


def pages(content: bytes, *, filename: str, limits: ReadingLimits, sandbox: tuple[str, ...] = SANDBOX) -> list[str]:
    """The pages that the process `sandbox` reads in `content`; raises Unreadable or ReaderUnavailable."""
    command = [*sandbox, *_arguments(filename, limits)]
    # Files rather than pipes: nothing can block half-way, and the answer's size is bounded by RLIMIT_FSIZE.
    try:
        with tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as answer:
            question.write(content)
            question.seek(0)
            exit_code = run(command, question, answer, timeout_seconds=limits.timeout_seconds)
            answer.seek(0)
            message = answer.read()
    except OSError as mistake:
        raise ReaderUnavailable(mistake.strerror or "its process does not start") from mistake
    return _pages(exit_code, message)


def run(command: list[str], question: IO[bytes], answer: IO[bytes], *, timeout_seconds: float) -> int:
    """The exit code of `command` (negative: the signal that ended it). Raises FileTooComplex at the time-out.

    Whatever happens, the process and all it started are gone when this returns.
    """
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module; the file's name is one argument
        command,
        stdin=question,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment(),
        start_new_session=True,
    )
    try:
        return process.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        raise FileTooComplex(f"reading it takes longer than {timeout_seconds:g} seconds") from None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def environment() -> dict[str, str]:
    """The variables of the process: where to find our code and its libraries, and no secret."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    paths = [str(ROOT), *(path for path in sys.path if path and path != str(ROOT))]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}


def _arguments(filename: str, limits: ReadingLimits) -> list[str]:
    # Only the extension matters; a name with a NUL could not be passed at all.
    name = filename.replace("\0", "")[-MAX_FILENAME:].encode("utf-8", "replace").decode()
    numbers = (limits.timeout_seconds, limits.memory_mib, limits.max_pages, limits.max_characters)
    return [name, *map(str, numbers)]


def _pages(exit_code: int, message: bytes) -> list[str]:
    if exit_code == EXIT_ANSWERED:
        return _told_pages(message)
    if exit_code > 0:
        raise ReaderUnavailable(f"its process ended with code {exit_code}")
    if -exit_code in BROKEN_SIGNALS:
        raise FileDamaged()
    raise FileTooComplex("reading it takes more time or memory than a document should")


def _told_pages(message: bytes) -> list[str]:
    """The pages in an answer. It comes from a process that a hostile file may have taken over, so it is checked."""
    try:
        told = json.loads(message)
        if "refusal" in told:
            raise retold(told["refusal"])
        if not isinstance(told["pages"], list):  # a text would be taken for pages of one letter each
            raise TypeError("pages are a list")
        return [_page(page) for page in told["pages"]]
    except Unreadable:
        raise
    except (ValueError, KeyError, TypeError, RecursionError):
        raise FileDamaged() from None


def _page(page: object) -> str:
    if not isinstance(page, str) or "\0" in page or PAGE_BREAK in page:
        raise TypeError("a page is text, of one page")
    return page
