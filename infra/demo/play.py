"""Play the main story against a running server, over HTTP and with real files: `make demo`.

Each step is told when it has happened, with its seconds. The first thing that is not as the API promises ends the
play with one line and exit code 1. It can be played again and again: the same people are found again, not doubled.
"""

from __future__ import annotations

import json
import mimetypes
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import httpx
from rich.table import Table

from chalicelib.documents.eicar import EICAR
from infra.demo import doors
from infra.demo.client import Api, Json, Unexpected, check, passage, passages_in
from infra.local.console import Steps

ROOT = Path(__file__).resolve().parents[2]
RESUMES = Path(__file__).with_name("resumes")
REQUIREMENTS = [
    {"id": "python", "text": "Python", "kind": "must", "weight": 5},
    {"id": "postgresql", "text": "PostgreSQL", "kind": "must", "weight": 4},
    {"id": "backend-years", "text": "5 years of experience as a backend engineer", "kind": "must", "weight": 3},
    {"id": "terraform", "text": "Terraform", "kind": "nice", "weight": 2},
    {"id": "rust", "text": "Rust", "kind": "nice", "weight": 1},
]
FIRST, SECOND = "amelia-hartley.pdf", "jose-nunez.docx"
# Amelia's interests mention it; nothing that is read into her profile does.
ONLY_IN_RESUME = "harmonium"


class Play:
    """The story, step by step."""

    def __init__(self, api: Api, steps: Steps) -> None:
        self.api, self.steps = api, steps
        self.position: Json = {}

    def play(self, email: str, password: str) -> None:
        with self.steps.step("Sign in") as step:
            user = self.api.sign_in(email, password)
            step.detail = f"as {user['name']} ({user['role']})"
        self.open_position()
        amelia = self.read_resume(FIRST)
        self.read_resume(SECOND)
        self.upload_virus()
        application = self.apply(amelia["candidate_id"])
        self.screen(application, amelia)
        self.move(application)
        self.show_events(application)
        self.search(amelia)
        doors.lock(self.api, self.steps)
        doors.forget(self.api, self.steps, self.position["id"])

    def open_position(self) -> None:
        with self.steps.step("Create a project and a position") as step:
            project = self.api.ask("POST", "/api/projects", 201, json={"name": "Payments", "client": "Tidewater"})
            body = {"project_id": project["id"], "title": "Senior Backend Engineer", "requirements": REQUIREMENTS}
            self.position = self.api.ask("POST", "/api/positions", 201, json=body)
            kinds = [requirement["kind"] for requirement in self.position["requirements"]]
            step.detail = f"{kinds.count('must')} musts, {kinds.count('nice')} nice to have"

    def upload(self, filename: str, content: bytes) -> Json:
        """Ask for a form and post the file with it straight to S3; the document."""
        body = {
            "filename": filename,
            "content_type": mimetypes.guess_type(filename)[0] or "application/octet-stream",
            "size_bytes": len(content),
            "kind": "resume",
        }
        document: Json = self.api.ask("POST", "/api/documents", 201, json=body)
        form = document["upload"]
        # Without our token: S3 knows the caller by the form alone.
        stored = httpx.post(form["url"], data=form["fields"], files={"file": (filename, content)}, timeout=30)
        check(stored.is_success, f"S3 refused {filename} with {stored.status_code}: {stored.text[:300]}")
        return document

    def read_resume(self, filename: str) -> Json:
        content = (RESUMES / filename).read_bytes()
        with self.steps.step(f"Upload {filename} straight to S3") as step:
            path = f"/api/documents/{self.upload(filename, content)['id']}"
            step.detail = f"{len(content):,} bytes"
        with self.steps.step("  scanned") as step:
            document = self.api.wait(
                path, lambda seen: seen["status"] not in ("awaiting_upload", "scanning"), f"the scan of {filename}"
            )
            step.detail = document["status"]
            check(document["status"] == "clean", f"{filename} ended {document['status']}, not clean")
        with self.steps.step("  read") as step:
            document = self.api.wait(path, _is_analysed, f"the reading of {filename}")
            analysis = document["analysis"]
            check(analysis["status"] == "succeeded", f"{filename} was not read: {analysis['message']}")
            check(document["candidate_id"] is not None, f"{filename} was read, but there is no candidate")
            candidate = self.api.ask("GET", f"/api/candidates/{document['candidate_id']}", 200)
            step.detail = f"{candidate['name']}, {candidate['email']}"
        self.show_profile(path, document)
        self.check_not_doubled(candidate)
        self.download(path, content)
        return document

    def show_profile(self, path: str, document: Json) -> None:
        text = self.api.ask("GET", f"{path}/text", 200)
        profile = document["analysis"]["profile"]
        places = [(name, where, passage(where, text)) for name, where in passages_in(profile)]
        check(bool(places), "the profile does not say where anything was read")
        email = profile["email"]
        stands = passage(email, text)
        check(stands.lower() == email["value"].lower(), f"the email {email['value']} was read from {stands!r}")
        for name, where, words in [place for place in places if "value" in place[1]][:8]:
            self.steps.say(
                f"    {name}: {where['value']}, from “{_short(words)}” "
                f"(page {where['page']}, {where['start']}-{where['end']})"
            )
        self.steps.say(f"    {len(places)} passages in all")

    def check_not_doubled(self, candidate: Json) -> None:
        found = self.api.ask("GET", "/api/candidates", 200, params={"q": candidate["name"]})["items"]
        same = [other for other in found if other["email"] == candidate["email"]]
        check(len(same) == 1, f"there are {len(same)} candidates with the email {candidate['email']}, not one")

    def download(self, path: str, content: bytes) -> None:
        answer = self.api.send("GET", f"{path}/content")
        check(answer.status_code == 302, f"the clean file cannot be fetched: {answer.status_code} {answer.text[:300]}")
        fetched = httpx.get(answer.headers["Location"], timeout=30)
        check(fetched.content == content, "the file fetched is not the file sent")

    def upload_virus(self) -> None:
        with self.steps.step("Upload EICAR, the harmless test virus") as step:
            path = f"/api/documents/{self.upload('resume.txt', EICAR)['id']}"
            document = self.api.wait(
                path, lambda seen: seen["status"] not in ("awaiting_upload", "scanning"), "the scan of EICAR"
            )
            check(document["status"] == "infected", f"EICAR ended {document['status']}, not infected")
            refusal = self.api.ask("GET", f"{path}/content", 410)
            check(refusal["code"] == "infected", f"fetching it was refused as {refusal['code']}, not infected")
            step.detail = "infected; nobody can fetch it (410)"

    def apply(self, candidate_id: str) -> Json:
        with self.steps.step("Apply to the position") as step:
            body = {"candidate_id": candidate_id, "position_id": self.position["id"], "source": "demo"}
            application: Json = self.api.ask("POST", "/api/applications", 201, json=body)
            again = self.api.ask("POST", "/api/applications", 409, json=body)
            check(again["code"] == "already_applied", f"a second application was refused as {again['code']}")
            step.detail = f"stage {application['stage']}; a second time: 409 already_applied"
        return application

    def screen(self, application: Json, document: Json) -> None:
        path = f"/api/applications/{application['id']}/screenings"
        ratings = []
        for title in ("Ask for a screening", "Ask for it again"):
            with self.steps.step(title) as step:
                job = self.api.ask("POST", path, 202)
                done = self.api.wait(
                    f"/api/jobs/{job['id']}", lambda seen: seen["status"] not in ("queued", "running"), "the screening"
                )
                check(done["status"] == "succeeded", f"the screening ended {done['status']}: {done['error']}")
                # Newest first.
                ratings.append(self.api.ask("GET", path, 200)["items"][0])
                step.detail = f"{ratings[-1]['score']} of 100, {ratings[-1]['recommendation']}"
        first, second = ratings
        same = all(first[key] == second[key] for key in ("input_hash", "score", "recommendation", "requirements"))
        check(same, "the same input was rated differently the second time")
        self.show_rating(second, self.api.ask("GET", f"/api/documents/{document['id']}/text", 200))

    def show_rating(self, rating: Json, text: Json) -> None:
        table = Table("requirement", "kind", "verdict", "evidence")
        for requirement in rating["requirements"]:
            for quote in requirement["evidence"]:
                passage(quote, text)
            shown = "\n".join(f"“{_short(q['quote'])}” (page {q['page']})" for q in requirement["evidence"][:2])
            table.add_row(requirement["text"], requirement["kind"], requirement["verdict"], shown)
        self.steps.console.print(table)
        verdicts = {requirement["requirement_id"]: requirement["verdict"] for requirement in rating["requirements"]}
        check(verdicts["python"] == "met", "Python stands in the résumé, and is not rated as met")
        check(verdicts["rust"] != "met", "Rust stands nowhere in the résumé, and is rated as met")

    def move(self, application: Json) -> None:
        path = f"/api/applications/{application['id']}/move"
        first, second, third = self.position["stages"][:3]
        with self.steps.step(f"Move from {first} to {second}"):
            self.api.ask("POST", path, 200, json={"from_stage": first, "to_stage": second})
        with self.steps.step(f"Two people move from {second} to {third} at once") as step:
            body = {"from_stage": second, "to_stage": third}
            with ThreadPoolExecutor(2) as people:
                answers = list(people.map(lambda _: self.api.send("POST", path, json=body), range(2)))
            statuses = sorted(answer.status_code for answer in answers)
            check(statuses == [200, 409], f"they got {statuses}, not one 200 and one 409")
            code = next(answer.json()["code"] for answer in answers if answer.status_code == 409)
            check(code == "stage_moved_on", f"the later one was told {code}, not stage_moved_on")
            step.detail = f"one 200, one 409 {code}"

    def show_events(self, application: Json) -> None:
        with self.steps.step("Read the events") as step:
            of_position = {"position_id": self.position["id"]}
            first = self.api.ask("GET", "/api/events", 200, params=of_position)["items"][0]["sequence"]
            # Everything from the creation of our position on.
            events = self.api.ask("GET", "/api/events", 200, params={"after": str(first - 1)})["items"]
            order = [event["sequence"] for event in events]
            check(order == sorted(set(order)), f"the events are not in order: {order}")
            kinds = {event["subject_kind"] for event in events}
            missing = {"position", "document", "application", "screening"} - kinds
            check(not missing, f"no event tells of {', '.join(sorted(missing))}")
            moves = [e for e in events if e["application_id"] == application["id"] and "move" in e["action"]]
            check(len(moves) == 2, f"{len(moves)} moves were noted, not 2")
            step.detail = f"{len(events)}, in order"
        for event in events:
            self.steps.say(f"    {event['sequence']:>5} {event['occurred_at'][11:19]} {event['action']}")

    def search(self, document: Json) -> None:
        with self.steps.step(f"Search for “{ONLY_IN_RESUME}”, which stands only in a résumé") as step:
            candidate = self.api.ask("GET", f"/api/candidates/{document['candidate_id']}", 200)
            check(ONLY_IN_RESUME not in json.dumps(candidate), f"{ONLY_IN_RESUME} stands in the profile too")
            found = self.api.ask("GET", "/api/candidates/search", 200, params={"q": ONLY_IN_RESUME})["items"]
            check([item["id"] for item in found] == [candidate["id"]], f"the search found {len(found)} others")
            step.detail = f"{found[0]['name']}: {found[0]['highlight']}"


def _is_analysed(document: Json) -> bool:
    analysis = document.get("analysis") or {}
    return analysis.get("status") not in (None, "queued", "running")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"


def _login(email: str | None, password: str | None) -> tuple[str, str]:
    if email and password:
        return email, password
    path = ROOT / ".local" / "demo.json"
    if not path.exists():
        raise Unexpected("there is no demo login yet: make run creates it, or give --email and --password")
    login = json.loads(path.read_text())
    return login["email"], login["password"]


@click.command()
@click.option("--url", default="http://127.0.0.1:8000", show_default=True)
@click.option("--email", help="default: the demo login of .local/demo.json")
@click.option("--password")
def main(url: str, email: str | None, password: str | None) -> None:
    """Play the main story against the server at URL."""
    steps, started = Steps(), time.monotonic()

    def on_wait(seconds: float) -> None:
        steps.say(f"  waiting {seconds:.0f} s: this user has made all the requests that a minute allows")

    try:
        Play(Api(url, on_wait=on_wait), steps).play(*_login(email, password))
    except Unexpected as surprise:
        steps.say(f"error: {surprise}")
        sys.exit(1)
    except (KeyError, IndexError, TypeError, ValueError) as surprise:
        steps.say(f"error: an answer does not have the shape of the API: {type(surprise).__name__}: {surprise}")
        sys.exit(1)
    steps.say(f"The whole story took {time.monotonic() - started:.1f} s.")


if __name__ == "__main__":
    main()
