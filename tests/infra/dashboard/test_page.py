"""The page: what operators see in CloudWatch, in a browser that may load and run nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pytest

from infra.dashboard.page import page, policy
from infra.dashboard.panels import ON_AWS_ALONE, panels
from infra.dashboard.samples import Health, Sample
from infra.dashboard.series import Window
from infra.dashboard.serve import Server
from infra.packaging import templates

EVIL = "</title></svg><script>document.title='evil'</script><img src=x onerror=alert(1)>"
WINDOW = Window(600.0, 600.0, 60, longest_gap_seconds=15)
UP = Health("healthy", {"database": "up", "scanner": "down"}, 3.0, 5.0, 2.0)


def sample(number: int, label: str = "clean") -> Sample:
    metrics = {
        "http_requests_total": {"200": 20.0 * number, "404": 2.0 * number, "401": 1.0 * number, "500": 0.1 * number},
        "http_request_duration_seconds_bucket": {"0.01": 10.0 * number, "0.1": 20.0 * number, "+Inf": 23.1 * number},
        "jobs_enqueued_total": {"": 3.0 * number},
        "jobs_completed_total": {"": 2.0 * number},
        "documents_scanned_total": {label: 1.0 * number},
        "job_queue_depth": {label: 4.0, "high": 1.0},
        "db_connections_active": {"": 9.0},
        "backup_age_seconds": {"": 7200.0},
    }
    return Sample(10.0 * number, metrics, UP)


def whole(samples: list[Sample], trouble: str = "") -> str:
    return page(panels(samples, WINDOW), url="http://127.0.0.1:8000", minutes=10, trouble=trouble)


SEEN = [sample(number) for number in range(1, 60)]


class Tags(HTMLParser):
    """The names of all elements, and whether any attribute runs or styles something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_each_plot_of_cloudwatch_is_here_or_said_to_be_of_aws_alone() -> None:
    body = json.dumps(templates_dashboard())
    titles = set(re.findall(r'\\"title\\": \\"([^"\\]*)\\"', body))

    here = {panel.in_cloudwatch for panel in panels(SEEN, WINDOW)} | set(ON_AWS_ALONE)

    assert titles, "no title was found"
    assert titles <= here
    assert here - {None} <= titles


def templates_dashboard() -> object:
    path = Path(templates.__file__).parents[1] / "templates" / "dashboard.yaml"
    return path.read_text()


def test_lines_have_the_figures_that_were_seen() -> None:
    found = {panel.title: {line.name: line.values[30] for line in panel.lines} for panel in panels(SEEN, WINDOW)}

    assert found["Requests a second"] == pytest.approx({"answered": 2.0, "refused": 0.3, "failed": 0.01})
    assert found["Availability (%, promised 99.9)"]["answered"] == pytest.approx(100 - 100 * 0.1 / 23.1)
    assert found["How fast (ms)"]["p50"] == pytest.approx(24.0, rel=0.1)
    assert found["Jobs a minute"] == pytest.approx({"asked for": 18.0, "succeeded": 12.0, "failed": None})
    assert found["Documents scanned a minute"] == pytest.approx({"clean": 6.0})
    assert found["Jobs that wait"] == {"clean": 4.0, "high": 1.0}
    assert found["Database: connections"] == {"connections": 9.0}
    assert found["Would it come back? (hours)"] == {"snapshot (26)": 2.0, "definitions of the scanner": 5.0}
    assert found["Who is kept out (a minute)"] == {"not signed in (401)": pytest.approx(6.0)}
    assert found["Oldest job that waits (s)"] == {"oldest": 3.0}


def test_without_any_history_there_is_a_page_that_says_so() -> None:
    text = whole([], trouble="/metrics does not answer as it should (ConnectionRefusedError)")

    assert text.count("nothing yet") == len(panels([], WINDOW))
    assert "ConnectionRefusedError" in text


def test_labels_that_mean_harm_are_words_and_nothing_else() -> None:
    evil = Health(EVIL, {EVIL: EVIL}, None, None, None)
    samples = [sample(number, EVIL) for number in range(1, 5)] + [Sample(45.0, None, evil)]

    text = whole(samples, trouble=EVIL)
    tags = Tags(text)

    assert not {"script", "img", "iframe", "link"} & tags.names
    assert not {name for name in tags.attributes if name.startswith("on") or name in {"style", "href", "src"}}
    assert "<script" not in text


def test_a_hole_in_time_is_a_hole_in_the_line() -> None:
    seen = [each for each in SEEN if not 200 <= each.at < 400]

    text = whole(seen)

    assert text.count("<polyline") > whole(SEEN).count("<polyline")


@contextmanager
def served(page_at: Callable[[float], str]) -> Iterator[str]:
    server = Server(0, page_at)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_it_is_served_under_a_policy_that_allows_its_own_style_alone() -> None:
    with served(lambda _now: whole(SEEN)) as url, urllib.request.urlopen(url, timeout=5) as answer:
        headers, text = answer.headers, answer.read().decode()

    assert text == whole(SEEN)
    assert headers["Content-Security-Policy"] == policy()
    assert policy().startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy()


@pytest.mark.parametrize(
    ("path", "host", "status"), [("/x", "127.0.0.1:1", 404), ("/", "evil.example:1", 403), ("/", "", 403)]
)
def test_nothing_else_is_served_and_to_nobody_elses_page(path: str, host: str, status: int) -> None:
    with served(lambda _now: whole(SEEN)) as url:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(url + path, headers={"Host": host}), timeout=5)
        refused.value.close()

    assert refused.value.code == status


def test_a_browser_shows_it_and_complains_of_nothing(tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("REQUIRE_CHROMIUM"):
            pytest.fail("chromium is not installed")
        pytest.skip("chromium is not installed: apt-get install chromium")
    evil = [sample(number, EVIL) for number in range(1, 60)]
    with served(lambda _now: whole(evil)) as url:
        shown = subprocess.run(
            [chromium, *FLAGS, f"--user-data-dir={tmp_path}", "--enable-logging=stderr", "--dump-dom", url],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )

    assert shown.stdout.count("<section>") == len(panels(evil, WINDOW))
    assert "<title>RecruitPro: dashboard</title>" in shown.stdout
    assert "Refused to" not in shown.stderr
    assert "CONSOLE" not in shown.stderr


FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
