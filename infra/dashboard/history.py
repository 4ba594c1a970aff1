"""The last hour's samples: in memory, and in a file that outlives the dashboard and never grows beyond bounds."""

from __future__ import annotations

import json
import threading
from collections import deque
from pathlib import Path

from infra.dashboard.samples import Sample


class History:
    """Samples of the last `seconds`, oldest first, kept in `path`: one line of JSON each. The file is written anew
    before it holds twice as many lines as are of use. One process writes it."""

    def __init__(self, path: Path, *, seconds: float, most: int) -> None:
        self._path, self._seconds, self._most = path, seconds, most
        self._guard = threading.Lock()
        self._samples: deque[Sample] = deque(_read(path)[-most:], maxlen=most)
        self._write()

    def samples(self, now: float) -> list[Sample]:
        """Those of the last `seconds`."""
        with self._guard:
            return [each for each in self._samples if now - self._seconds <= each.at <= now]

    def add(self, sample: Sample) -> None:
        """Keep one more."""
        with self._guard:
            self._samples.append(sample)
            self._lines += 1
            if self._lines > 2 * self._most:
                self._write()
                return
            with self._path.open("a") as file:
                file.write(json.dumps(sample.as_json()) + "\n")

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_name(self._path.name + ".new")
        new.write_text("".join(json.dumps(each.as_json()) + "\n" for each in self._samples))
        new.replace(self._path)
        self._lines = len(self._samples)


def _read(path: Path) -> list[Sample]:
    """What can be read of the file, in order of time, without a line that was cut off when a machine stopped."""
    samples = []
    for line in path.read_text(errors="replace").splitlines() if path.exists() else []:
        try:
            samples.append(Sample.of_json(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            continue
    return sorted(samples, key=lambda each: each.at)
