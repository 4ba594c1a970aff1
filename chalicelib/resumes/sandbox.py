"""The process in which one document is read: `python -m chalicelib.resumes.sandbox`, started by `warden`.

Bytes come in by standard input, one JSON object leaves by standard output: `{"pages": [...]}`, or `{"refusal": {...}}`
when the file cannot be read. Any other ending is for the warden to explain.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from typing import Any

from chalicelib.resumes.errors import FileDamaged, FileTooComplex, Unreadable, told
from chalicelib.resumes.limits import ReadingLimits

MAX_ANSWER_BYTES = 64 * 1024 * 1024
EXIT_ANSWERED, EXIT_NOT_INSTALLED = 0, 70
TOO_MUCH_MEMORY = "reading it takes more memory than a document should"
SPARE_SECONDS = 2  # the warden should come first: it can tell a slow file from a broken process


def bind(limits: ReadingLimits) -> None:
    """Put this process under `limits` for good; it cannot loosen them again."""
    memory_bytes = limits.memory_mib * 1024 * 1024
    cpu_seconds = int(limits.timeout_seconds) + 1
    if sys.platform != "darwin":  # macOS knows this limit by name only and refuses to set it
        _limit(resource.RLIMIT_AS, memory_bytes)
    for which, most in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, MAX_ANSWER_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _limit(which, most)
    # Should the parent die first, nobody else would end this process.
    signal.setitimer(signal.ITIMER_REAL, limits.timeout_seconds + SPARE_SECONDS)


def _limit(which: int, most: int) -> None:
    _, hard = resource.getrlimit(which)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (most, most))


def answer(content: bytes, filename: str, limits: ReadingLimits) -> dict[str, Any]:
    """What is told to the warden about this file; raises nothing but ImportError, our own mistake."""
    from chalicelib.resumes import reader

    try:
        document = reader.read_here(content, filename=filename, limits=limits)
        return {"pages": [document.text[page.start : page.end] for page in document.pages]}
    except Unreadable as refusal:
        return {"refusal": told(refusal)}
    except (MemoryError, RecursionError):
        return {"refusal": told(FileTooComplex(TOO_MUCH_MEMORY))}
    except ImportError:
        raise
    except Exception:
        # A parser that stumbles over a file has met a broken file: that is an answer about the file, not a bug of ours.
        return {"refusal": told(FileDamaged())}


def main(arguments: list[str]) -> int:
    """Read standard input under the limits in `arguments`, write the answer, and return whether there is one."""
    filename, timeout_seconds, memory_mib, max_pages, max_characters = arguments
    limits = ReadingLimits(float(timeout_seconds), int(memory_mib), int(max_pages), int(max_characters))
    bind(limits)
    try:
        message = json.dumps(answer(sys.stdin.buffer.read(), filename, limits))
    except MemoryError:
        message = json.dumps({"refusal": told(FileTooComplex(TOO_MUCH_MEMORY))})
    except ImportError:
        return EXIT_NOT_INSTALLED
    sys.stdout.write(message)
    sys.stdout.flush()
    return EXIT_ANSWERED


if __name__ == "__main__":
    # Without the interpreter's clean-up: the answer is out, and a library's last words cannot spoil it.
    os._exit(main(sys.argv[1:]))
