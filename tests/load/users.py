"""Virtual users: recruiters who look, search, write, screen and import, with pauses for thought."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import time
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import gevent  # type: ignore[import-untyped]
from locust import FastHttpUser, task

from tests.load.town import PASSWORD
from tests.load.words import WORDS

WISH: dict[str, Any] = json.loads(os.environ.get("LOAD_SCENARIO", "{}"))
PEOPLE: list[dict[str, Any]] = json.loads(Path(os.environ["LOAD_PEOPLE"]).read_text()) if WISH else []
THINK = tuple(WISH.get("think", (1.0, 5.0)))
IMPORT_ROWS = int(os.environ.get("LOAD_IMPORT_ROWS", "1000"))
COMMON = [word.lower() for name in ("skills", "titles", "cities", "employers") for word in WORDS[name][:8]]
POLL_SECONDS, PATIENCE_SECONDS = 0.1, 60.0
STAGES = ("applied", "screen", "interview", "offer", "hired")


def someone(*roles: str, organizations: tuple[int, ...] = ()) -> dict[str, Any]:
    """One of the people, by chance; the larger an organization, the more of them it has."""
    ranks = organizations or tuple(WISH.get("organizations", ()))
    return random.choice(
        [each for each in PEOPLE if each["role"] in roles and (not ranks or each["organization"] in ranks)]
    )


def sought() -> str:
    """What somebody searches for: common words, rare words, names, two words, a phrase."""
    kind = random.random()
    if kind < 0.35:
        return random.choice(COMMON)
    if kind < 0.6:
        return "".join(random.choice(WORDS["syllables"]) for _ in range(3))
    if kind < 0.8:
        return f"{random.choice(WORDS['first_names'])} {random.choice(WORDS['last_names'])}"
    if kind < 0.95:
        return f"{random.choice(WORDS['skills'])} {random.choice(WORDS['cities'])}"
    return f'"{random.choice(("project management", "machine learning", "wound care"))}"'


class Colleague(FastHttpUser):
    """Somebody who is signed in, and keeps in mind what they have seen."""

    abstract = True
    # Answers that take longer than this are errors.
    connection_timeout, network_timeout = 30.0, 30.0
    roles: ClassVar[tuple[str, ...]] = ("recruiter", "admin")
    organizations: ClassVar[tuple[int, ...]] = ()

    def on_start(self) -> None:
        self.me = someone(*self.roles, organizations=self.organizations)
        self.client.auth_header = f"Bearer {self.me['token']}"
        self.default_headers = {"Authorization": self.client.auth_header}
        self.candidates: list[str] = []
        self.applications: list[dict[str, Any]] = []
        self.positions: list[str] = []

    def wait_time(self) -> float:
        return random.uniform(*THINK)

    def ask(self, method: str, path: str, name: str, body: Any = None, *, fine: tuple[int, ...] = ()) -> Any:
        """The JSON of an answer, None when it was a refusal that is `fine`; everything else counts as an error."""
        headers = {"Authorization": f"Bearer {self.me['token']}", "Content-Type": "application/json"}
        with self.client.request(
            method,
            path,
            name=name,
            headers=headers,
            data=None if body is None else json.dumps(body),
            catch_response=True,
        ) as answer:
            if answer.status_code in fine:
                answer.success()
                return None
            if not 200 <= answer.status_code < 300:
                answer.failure(f"{answer.status_code}: {(answer.text or '')[:200]}")
                return None
            answer.success()
            return json.loads(answer.text) if answer.text else {}

    # What they do, each a request or two.

    def list_candidates(self) -> None:
        query = random.choice(
            (
                "",
                "",
                "",
                "&sort=name",
                f"&skill={random.choice(WORDS['skills'][:20]).replace('+', '%2B')}",
                "&source=referral",
                "&tag=reviewed",
            )
        )
        page = self.ask("GET", f"/api/candidates?limit=25{query}", "GET /api/candidates")
        if page:
            self.candidates = [item["id"] for item in page["items"]] or self.candidates
            if page["next_cursor"] and random.random() < 0.4:
                self.ask(
                    "GET", f"/api/candidates?limit=25&cursor={page['next_cursor']}{query}", "GET /api/candidates (next)"
                )

    def open_candidate(self) -> None:
        if not self.candidates:
            self.list_candidates()
        if self.candidates:
            self.ask(
                "GET", f"/api/candidates/{random.choice(self.candidates)}", "GET /api/candidates/{id}", fine=(404,)
            )

    def list_positions(self) -> None:
        page = self.ask("GET", "/api/positions?limit=50", "GET /api/positions")
        if page:
            self.positions = [item["id"] for item in page["items"]]

    def list_applications(self) -> None:
        if not self.positions:
            self.list_positions()
        if self.positions:
            position = random.choice(self.positions)
            page = self.ask("GET", f"/api/applications?limit=25&position_id={position}", "GET /api/applications")
            self.applications = page["items"] if page and page["items"] else self.applications

    def open_application(self) -> None:
        found = self._application()
        if found:
            self.ask("GET", f"/api/applications/{found['id']}", "GET /api/applications/{id}")

    def _application(self) -> dict[str, Any] | None:
        if not self.applications:
            self.list_applications()
        return random.choice(self.applications) if self.applications else None

    def search(self) -> None:
        page = self.ask("GET", f"/api/candidates/search?limit=20&q={quoted(sought())}", "GET /api/candidates/search")
        if page and page["items"]:
            self.candidates = [item["candidate"]["id"] if "candidate" in item else item["id"] for item in page["items"]]

    def filter_by_words(self) -> None:
        self.ask("GET", f"/api/candidates?limit=25&q={quoted(sought())}", "GET /api/candidates?q=")

    def add_candidate(self) -> None:
        number = uuid4().hex
        skills = random.sample(WORDS["skills"], 4)
        body = {
            "name": f"{random.choice(WORDS['first_names'])} {random.choice(WORDS['last_names'])}",
            "email": f"{number}@load.example",
            "location": random.choice(WORDS["cities"]),
            "headline": random.choice(WORDS["titles"]),
            "summary": f"Seven years of {skills[0]} and {skills[1]}.",
            "skills": skills,
            "source": "direct",
        }
        made = self.ask("POST", "/api/candidates", "POST /api/candidates", body)
        if made:
            self.candidates.append(made["id"])

    def change_candidate(self) -> None:
        if not self.candidates:
            self.list_candidates()
        if self.candidates:
            body = {"headline": random.choice(WORDS["titles"])}
            path = f"/api/candidates/{random.choice(self.candidates)}"
            self.ask("PATCH", path, "PATCH /api/candidates/{id}", body, fine=(404,))

    def apply_candidate(self) -> None:
        if not self.positions:
            self.list_positions()
        if not self.candidates:
            self.list_candidates()
        if self.positions and self.candidates:
            body = {"candidate_id": random.choice(self.candidates), "position_id": random.choice(self.positions)}
            self.ask("POST", "/api/applications", "POST /api/applications", body, fine=(404, 409))

    def move_application(self) -> None:
        found = self._application()
        # Others may have moved it meanwhile, or closed it: 409 is the right answer then.
        if found and found["status"] == "active" and found["stage"] != STAGES[-1]:
            following = STAGES[STAGES.index(found["stage"]) + 1]
            body = {"from_stage": found["stage"], "to_stage": following}
            moved = self.ask("POST", f"/api/applications/{found['id']}/move", "POST .../move", body, fine=(409,))
            if moved:
                found["stage"] = following

    def report(self) -> None:
        self.ask("GET", f"/api/reports/{random.choice(('overview', 'funnel', 'sources'))}", "GET /api/reports")

    def look_at_jobs(self) -> None:
        self.ask("GET", "/api/jobs?limit=20", "GET /api/jobs")

    def sign_in(self) -> None:
        self.ask("POST", "/api/auth/login", "POST /api/auth/login", {"email": self.me["email"], "password": PASSWORD})

    def screen(self) -> None:
        """Ask for a screening and wait for it; the whole way is told as one measurement of its own."""
        found = self._application()
        if not found:
            return
        began = time.perf_counter()
        job = self.ask("POST", f"/api/applications/{found['id']}/screenings", "POST .../screenings", {})
        if job:
            self.await_job(job, "screening, asked to done", began)

    def await_job(self, job: dict[str, Any], name: str, began: float) -> dict[str, Any] | None:
        """The job when it has succeeded; an error under `name` when it failed or took too long."""
        problem: Exception | None = None
        while job["status"] != "succeeded" and problem is None:
            gevent.sleep(POLL_SECONDS)
            job = self.ask("GET", f"/api/jobs/{job['id']}", "GET /api/jobs/{id} (polled)") or job
            if job["status"] in ("failed", "cancelled"):
                problem = RuntimeError(f"the job has {job['status']}: {job.get('error')}")
            elif job["status"] != "succeeded" and time.perf_counter() - began > PATIENCE_SECONDS:
                problem = TimeoutError(f"the job is {job['status']}")
        self.environment.events.request.fire(
            request_type="JOB",
            name=name,
            response_time=(time.perf_counter() - began) * 1000,
            response_length=0,
            exception=problem,
            context={},
        )
        return None if problem else job


def quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


class Browser(Colleague):
    """Looks through lists and profiles."""

    roles = ("viewer", "recruiter", "admin")
    tasks: Any = {  # noqa: RUF012 - an instance variable to locust
        Colleague.list_candidates: 6,
        Colleague.open_candidate: 8,
        Colleague.list_positions: 2,
        Colleague.list_applications: 3,
        Colleague.open_application: 3,
    }


class Searcher(Colleague):
    """Searches by words, common and rare, and opens what was found."""

    roles = ("viewer", "recruiter", "admin")
    tasks: Any = {Colleague.search: 6, Colleague.filter_by_words: 2, Colleague.open_candidate: 2}  # noqa: RUF012


class Screener(Colleague):
    """Has applications rated and waits for each."""

    tasks: Any = {Colleague.screen: 1}  # noqa: RUF012


class Writer(Colleague):
    """Writes without a pause."""

    tasks: Any = {  # noqa: RUF012 - an instance variable to locust
        Colleague.add_candidate: 6,
        Colleague.change_candidate: 2,
        Colleague.apply_candidate: 1,
        Colleague.move_application: 1,
    }


class Recruiter(Colleague):
    """A working day: mostly reading, some searching, some writing, now and then a screening, a report, a sign-in."""

    tasks: Any = {  # noqa: RUF012 - an instance variable to locust
        Colleague.list_candidates: 44,
        Colleague.open_candidate: 52,
        Colleague.list_positions: 10,
        Colleague.list_applications: 16,
        Colleague.open_application: 16,
        Colleague.search: 24,
        Colleague.filter_by_words: 6,
        Colleague.add_candidate: 8,
        Colleague.change_candidate: 6,
        Colleague.apply_candidate: 4,
        Colleague.move_application: 6,
        Colleague.look_at_jobs: 4,
        Colleague.screen: 2,
        Colleague.report: 2,
        Colleague.sign_in: 1,
    }


class Importer(Colleague):
    """Uploads a file of people of its own, has it scanned and imported, and waits for the end."""

    def on_start(self) -> None:
        self.organizations = (int(WISH["importer_organization"]),)  # type: ignore[misc]
        super().on_start()

    @task
    def import_people(self) -> None:
        content = people(IMPORT_ROWS)
        began = time.perf_counter()
        wish = {"filename": "people.csv", "content_type": "text/csv", "size_bytes": len(content), "kind": "import"}
        document = self.ask("POST", "/api/documents", "POST /api/documents", wish)
        if document is None or not self._upload(document["upload"], content):
            return None
        while document and document["status"] in ("awaiting_upload", "scanning"):
            gevent.sleep(POLL_SECONDS)
            document = self.ask("GET", f"/api/documents/{document['id']}", "GET /api/documents/{id} (polled)")
            if time.perf_counter() - began > PATIENCE_SECONDS:
                break
        if not document or document["status"] != "clean":
            return self._tell(began, RuntimeError(f"the file is {document and document['status']}"))
        job = self.ask("POST", "/api/imports", "POST /api/imports", {"document_id": document["id"]})
        done = job and self.await_job(job, f"import of {IMPORT_ROWS:,}, asked to done", time.perf_counter())
        if not done:
            return None
        rows = (self.ask("GET", f"/api/imports/{job['import_id']}", "GET /api/imports/{id}") or {}).get("rows", {})
        whole = rows.get("created") == IMPORT_ROWS
        return self._tell(began, None if whole else RuntimeError(f"of {IMPORT_ROWS} rows became {rows}"))

    def _upload(self, form: dict[str, Any], content: bytes) -> bool:
        import httpx

        files = {"file": ("people.csv", content, "text/csv")}
        # A thread of its own: gevent has not made httpx wait kindly, and moto is not what is measured.
        answer = gevent.get_hub().threadpool.apply(
            lambda: httpx.post(form["url"], data=form["fields"], files=files, timeout=30)
        )
        return bool(answer.status_code < 300)

    def _tell(self, began: float, problem: Exception | None) -> None:
        self.environment.events.request.fire(
            request_type="JOB",
            name=f"import of {IMPORT_ROWS:,}, upload and scan too",
            response_time=(time.perf_counter() - began) * 1000,
            response_length=0,
            exception=problem,
            context={},
        )


def people(count: int) -> bytes:
    """A CSV file of people whom nobody has seen before."""
    run = uuid4().hex[:12]
    text = io.StringIO()
    write = csv.writer(text)
    write.writerow(("Name", "E-Mail", "Phone", "City", "Job Title", "Skills"))
    for number in range(count):
        name = f"{random.choice(WORDS['first_names'])} {random.choice(WORDS['last_names'])}"
        skills = "; ".join(random.sample(WORDS["skills"], 4))
        city, title = random.choice(WORDS["cities"]), random.choice(WORDS["titles"])
        write.writerow((name, f"{run}.{number}@import.example", "", city, title, skills))
    return text.getvalue().encode()
