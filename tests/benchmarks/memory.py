"""The most memory that a fresh process of each function takes for one 200 KB résumé, with the process that reads it.

PostgreSQL, S3, SQS and clamd are real processes beside it, as in AWS, and are not counted.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks import resume
from tests.benchmarks.report import ROOT, Finding, progress
from tests.benchmarks.story import POSITION

LIMIT_MB = 300
FUNCTIONS = {
    "scan": "functions.scan_document",
    "default": "functions.run_default_jobs",
    "high": "functions.run_screening",
}
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)
SAMPLE_SECONDS = 0.003
PASSWORD = "correct-horse-7-staples"


@dataclass(slots=True)
class Peak:
    """Resident megabytes at their highest: the function's own process, its child, and both at one moment."""

    own: float = 0
    child: float = 0
    both: float = 0


def run(*, rounds: int) -> list[Finding]:
    """The highest of `rounds` résumés for each function."""
    peaks = {module: Peak() for module in FUNCTIONS.values()}
    with _house() as (cloud, scanner), progress() as bar:
        task = bar.add_task("memory", total=rounds * (len(FUNCTIONS) + 1))
        for number in range(rounds):
            for module, peak in _story(cloud, number):
                highest = peaks[module]
                highest.own, highest.child = max(highest.own, peak.own), max(highest.child, peak.child)
                highest.both = max(highest.both, peak.both)
                bar.advance(task)
    data = {
        module: {"own_mb": round(p.own), "child_mb": round(p.child), "both_mb": round(p.both), "limit_mb": LIMIT_MB}
        for module, p in peaks.items()
    }
    rows = [[module, *(str(number) for number in found.values())] for module, found in data.items()]
    size_kb = len(resume.build(0)) // 1000
    notes = (
        f"Highest of {rounds} résumés of {size_kb} KB, one fresh process each; scanner: {scanner}. Own and reader: the "
        "kernel's high-water mark; both: their sum at one moment, where pages that they share count twice. Sampled "
        f"every {SAMPLE_SECONDS * 1000:.0f} ms.",
    )
    return [
        Finding("Memory: resident MB", ("function", "own", "its reader", "both at once", "limit"), rows, data, notes)
    ]


@contextmanager
def _house() -> Iterator[tuple[Any, str]]:
    """PostgreSQL, moto and clamd (when it is installed), with the settings pointing to them."""
    from infra.local import clamav, postgres
    from tests import house

    with ExitStack() as endings:
        folder = Path(endings.enter_context(tempfile.TemporaryDirectory(prefix="recruitpro-bench-")))
        server = postgres.start(folder / "postgres", durable=False)
        endings.callback(server.stop)
        database = house.build_database(server, "recruitpro")
        cloud = house.build_cloud(folder / "cloud")
        endings.callback(cloud.child.stop)
        # S3 greets a queue that it is told to notify.
        cloud.purge()
        os.environ.update(house.settings_for(database, cloud))
        os.environ["RECRUITPRO_DATABASE_POOL_SIZE"] = "1"
        scanner = "EICAR only, clamd is not installed"
        if clamav.find_clamd() is not None:
            clamd = clamav.start(folder / "clamav")
            endings.callback(clamd.stop)
            os.environ.update(RECRUITPRO_SCANNER="clamd", RECRUITPRO_CLAMD_PORT=str(clamd.port))
            scanner = "a real clamd"
        house.forget_settings()
        endings.callback(house.forget_settings)
        yield cloud, scanner


def _story(cloud: Any, number: int) -> Iterator[tuple[str, Peak]]:
    """Upload one résumé and let each function handle its message; the peak of each."""
    from tests.api import ApiClient

    email = f"admin-{number}@benchmark.example"
    anyone = ApiClient(address=f"203.0.113.{number}")
    wish = {"organization": f"Tenant {number}", "name": "Ada Admin", "email": email, "password": PASSWORD}
    assert anyone.post("/api/auth/register", wish).status == 201
    token = anyone.post("/api/auth/login", {"email": email, "password": PASSWORD}).json["access_token"]
    api = ApiClient(token, anyone.address)
    content = resume.build(number)
    document = {"filename": "cv.pdf", "content_type": "application/pdf", "size_bytes": len(content), "kind": "resume"}
    announced = api.post("/api/documents", document).json
    assert cloud.upload(announced["upload"], content) < 300
    # First the notification, then the scan that it asks for.
    yield from _handled(cloud, "scan")
    yield from _handled(cloud, "scan")
    yield from _handled(cloud, "default")
    read = api.get(f"/api/documents/{announced['id']}").json
    assert read["candidate_id"], read
    position = api.post("/api/positions", POSITION).json
    wish = {"candidate_id": read["candidate_id"], "position_id": position["id"]}
    application = api.post("/api/applications", wish).json
    job = api.post(f"/api/applications/{application['id']}/screenings").json
    yield from _handled(cloud, "high")
    assert api.get(f"/api/jobs/{job['id']}").json["status"] == "succeeded"


def _handled(cloud: Any, queue: str) -> Iterator[tuple[str, Peak]]:
    from infra.local.delivery import Source, sqs_event, take_batch

    sqs, source = cloud.client("sqs"), Source(cloud.queues[queue], lambda _event, _context: None)
    messages = take_batch(sqs, source)
    assert messages, f"no message in the queue {queue}"
    with tempfile.TemporaryDirectory() as folder:
        event = Path(folder) / "event.json"
        event.write_text(json.dumps(sqs_event(messages, source)))
        command = [sys.executable, "-m", "tests.benchmarks.invoked", FUNCTIONS[queue], str(event)]
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        peak = _watch(process)
        if process.returncode != 0 or '{"batchItemFailures": []}' not in log.read_text():
            raise RuntimeError(f"{FUNCTIONS[queue]} failed:\n{log.read_text()}")
    for message in messages:
        sqs.delete_message(QueueUrl=source.queue.url, ReceiptHandle=message["ReceiptHandle"])
    yield FUNCTIONS[queue], peak


def _watch(process: subprocess.Popen[bytes]) -> Peak:
    """The peaks of a process until it ends."""
    peak, own = Peak(), psutil.Process(process.pid)
    while process.poll() is None:
        try:
            children = own.children(recursive=True)
            resident = [each.memory_info().rss / 1e6 for each in (own, *children)]
            peak.own = max(peak.own, _high_water(process.pid), resident[0])
            peak.child = max([peak.child, *(_high_water(child.pid) for child in children), *resident[1:]])
            peak.both = max(peak.both, sum(resident))
        except psutil.Error:
            # It ended between two looks.
            continue
        time.sleep(SAMPLE_SECONDS)
    return peak


def _high_water(pid: int) -> float:
    """The kernel's high-water mark of a process in megabytes, 0 where there is none."""
    try:
        found = PEAK.search(Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 / 1e6 if found else 0
