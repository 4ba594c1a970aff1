"""What locust runs: `locust -f tests/load/locustfile.py`, started by tests/load/shot.py.

Beside what locust itself reports, each request is written down with its second, so that percentiles can be drawn over
time.
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections import Counter
from pathlib import Path
from typing import Any

from locust import events

from tests.load import users

WISH: dict[str, Any] = users.WISH
COUNTS: dict[str, int] = WISH.get("users", {})

# Each class gets exactly as many as the scenario says; locust must find no others in this module.
for _name, _count in COUNTS.items():
    globals()[_name] = getattr(users, _name)
    globals()[_name].fixed_count = _count

_began = time.time()
_requests: list[tuple[float, str, float, bool]] = []
_errors: Counter[str] = Counter()


@events.request.add_listener  # type: ignore[untyped-decorator]
def note(
    request_type: str, name: str, response_time: float, response_length: int, exception: Any, **_more: Any
) -> None:
    """Keep one request: when it ended, what it was, how long it took, whether it was well."""
    _requests.append((round(time.time() - _began, 2), name, round(response_time, 1), exception is None))
    if exception is not None:
        _errors[f"{name}: {exception}"[:300]] += 1


@events.quit.add_listener  # type: ignore[untyped-decorator]
def write(exit_code: int, **_more: Any) -> None:
    """Tell all requests, and what making them cost this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "began": _began,
        "seconds": round(time.time() - _began, 2),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 2),
        "errors": dict(_errors.most_common(20)),
        "requests": _requests,
    }
    Path(os.environ["LOAD_NOTES"]).write_text(json.dumps(told))
