"""The container's health check: `python -m infra.scanner.check` ends with 0 when clamd can give verdicts."""

from __future__ import annotations

import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from infra.scanner.keeping import Shelf, check_age
from infra.scanner.manifest import DefinitionsRefused

HOST, PORT = "127.0.0.1", 3310
TIMEOUT_SECONDS = 5.0
MOST_BYTES = 4096


def ask(command: str, *, port: int = PORT, timeout_seconds: float = TIMEOUT_SECONDS) -> str:
    """clamd's answer to a command without data; raises OSError when there is none."""
    with socket.create_connection((HOST, port), timeout=timeout_seconds) as connection:
        connection.sendall(f"z{command}\0".encode("ascii"))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < MOST_BYTES:
            received = connection.recv(MOST_BYTES)
            if not received:
                break
            answer += received
    return answer.rstrip(b"\0").decode("utf-8", errors="replace")


def problem(shelf: Shelf, *, now: datetime, max_age_hours: float, port: int = PORT) -> str | None:
    """Why there would be no verdicts; None when all is well."""
    try:
        manifest = shelf.manifest()
        if manifest is None:
            return "there are no definitions"
        check_age(manifest, now, max_age_hours)
        answer = ask("PING", port=port)
    except DefinitionsRefused as refusal:
        return str(refusal)
    except OSError as failure:
        return f"clamd does not answer: {failure}"
    return None if answer == "PONG" else f"clamd answers PING with {answer!r}"


def main() -> int:
    shelf = Shelf(Path(os.environ["DEFINITIONS_FOLDER"]))
    found = problem(shelf, now=datetime.now(UTC), max_age_hours=float(os.environ["DEFINITIONS_MAX_AGE_HOURS"]))
    print(found or "well")  # ECS shows it in the task's events
    return 0 if found is None else 1


if __name__ == "__main__":
    sys.exit(main())
