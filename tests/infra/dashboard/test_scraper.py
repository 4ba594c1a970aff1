"""The scraper goes on whatever the server does, and keeps the token to itself."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.dashboard import series
from infra.dashboard.history import History
from infra.dashboard.scraper import Scraper
from infra.dashboard.series import Window
from tests.fakes import closed_port

TOKEN = "the-token-of-metrics-that-nobody-sees"
HEALTHY = {"status": "healthy", "checks": {"database": {"status": "up", "latency_ms": 3}}}


@dataclass(slots=True)
class Answers:
    """What a server says, and who asked."""

    metrics: str = "jobs_completed_total 1\n"
    health: tuple[int, object] = (200, HEALTHY)
    leads_to: str | None = None
    tokens: list[str | None] = field(default_factory=list)


@contextmanager
def server(answers: Answers) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_health = self.path == "/api/health"
            if not is_health:
                answers.tokens.append(self.headers.get("Authorization"))
            status, body = answers.health if is_health else (200, answers.metrics)
            self.send_response(302 if answers.leads_to else status)
            if answers.leads_to:
                self.send_header("Location", answers.leads_to)
            self.end_headers()
            self.wfile.write((json.dumps(body) if is_health else str(body)).encode())

        def log_message(self, *_args: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "dashboard.jsonl", seconds=60, most=100)


def scraper(url: str, history: History, token: str | None = TOKEN) -> Scraper:
    return Scraper(url, token, history, every_seconds=5)


def test_one_look_has_metrics_and_health(history: History) -> None:
    answers = Answers()
    with server(answers) as url:
        sample = scraper(url + "/", history).look(7.0)

    assert sample.at == 7.0
    assert sample.metrics == {"jobs_completed_total": {"": 1.0}}
    assert sample.health is not None
    assert (sample.health.status, sample.health.database_ms) == ("healthy", 3.0)
    assert answers.tokens == [f"Bearer {TOKEN}"]


def test_an_unhealthy_system_is_seen_to_be_so(history: History) -> None:
    with server(Answers(health=(503, {**HEALTHY, "status": "unhealthy"}))) as url:
        sample = scraper(url, history).look(7.0)

    assert sample.health is not None
    assert sample.health.status == "unhealthy"


def test_a_server_that_is_begun_afresh_is_a_gap_and_not_a_jump(history: History) -> None:
    for at, count in ((0, 1000), (5, 1010)):
        with server(Answers(metrics=f"jobs_completed_total {count}\n")) as url:
            history.add(scraper(url, history).look(at))
    gone = scraper(f"http://127.0.0.1:{closed_port()}", history)
    history.add(gone.look(10))
    for at, count in ((15, 2), (20, 12)):
        with server(Answers(metrics=f"jobs_completed_total {count}\n")) as url:
            history.add(scraper(url, history).look(at))

    window = Window(20.0, 20.0, 4, longest_gap_seconds=15)
    grown = series.growth(history.samples(20.0), "jobs_completed_total", window)

    assert grown == {"": [2.0, None, None, 2.0]}
    assert "does not answer" in gone.trouble


@pytest.mark.parametrize("metrics", ["<html>", "jobs_completed_total {", "\x00\xff"])
def test_what_makes_no_sense_is_a_gap_and_is_said(history: History, metrics: str) -> None:
    with server(Answers(metrics=metrics, health=(200, ["odd"]))) as url:
        looking = scraper(url, history)
        sample = looking.look(1.0)

    assert (sample.metrics, sample.health) == (None, None)
    assert looking.trouble


def test_the_token_goes_nowhere_else(history: History) -> None:
    elsewhere = Answers()
    with server(elsewhere) as other, server(Answers(leads_to=other + "/metrics")) as url:
        looking = scraper(url, history)
        sample = looking.look(1.0)

    assert elsewhere.tokens == []
    assert sample.metrics is None
    assert TOKEN not in looking.trouble


def test_without_a_token_health_is_seen_and_the_page_says_what_is_missing(history: History) -> None:
    with server(Answers()) as url:
        looking = scraper(url, history, token=None)
        sample = looking.look(1.0)

    assert sample.metrics is None
    assert sample.health is not None
    assert "make run" in looking.trouble


def test_it_looks_until_it_is_stopped(history: History) -> None:
    with server(Answers()) as url:
        looking = Scraper(url, TOKEN, history, every_seconds=0.1)
        thread = threading.Thread(target=looking.run)
        thread.start()
        while not history.samples(time.time()):
            time.sleep(0.02)
        looking.stop()
        thread.join(10)

    assert not thread.is_alive()
