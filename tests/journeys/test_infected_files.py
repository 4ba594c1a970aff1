"""A recruiter uploads files that hold a virus, by every way in: nobody gets a byte of them, and work goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from infra.demo import make_resumes
from infra.local.clamav import RunningClamd
from tests import records, samples
from tests.api import ApiClient
from tests.clamd import running_clamd
from tests.conftest import PASSWORD, Tenant
from tests.factories import new_application, new_candidate, new_position, read_document, set_role
from tests.house import Cloud, Database

__all__ = ["running_clamd"]


@pytest.fixture(params=["clamd", "eicar_only"])
def scanner(request: pytest.FixtureRequest, configure: Callable[..., None], cloud: Cloud) -> str:
    """The real clamd, and the scanner of a laptop without one."""
    if request.param == "clamd":
        clamd: RunningClamd = request.getfixturevalue("running_clamd")
        configure(scanner="clamd", clamd_port=str(clamd.port))
    return str(request.param)


FILES = {
    "cv.txt": (samples.eicar(), "resume"),
    "cv.docx": (samples.eicar_docx(), "resume"),
    "letter.docx": (samples.eicar_docx(), "cover_letter"),
    "papers.zip": (samples.eicar_zip(), "other"),
    "nested.zip": (samples.zip_of({"inner.zip": samples.eicar_zip()}), "other"),
}


def test_a_virus_reaches_nobody_and_stops_nothing(
    scanner: str, tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    api = tenant.api
    candidate = new_candidate(api, name="Priya Raman", email="priya@example.com")
    infected = [
        read_document(api, cloud, name, content, kind=kind, candidate_id=candidate["id"])
        for name, (content, kind) in FILES.items()
    ]

    assert {document["status"] for document in infected} == {"infected"}
    fresh_sign_in = ApiClient(
        api.post("/api/auth/login", {"email": tenant.email, "password": PASSWORD}).json["access_token"]
    )
    for someone in (api, fresh_sign_in):
        for document in infected:
            answer = someone.get(f"/api/documents/{document['id']}/content")
            assert (answer.status, answer.code) == (410, "infected")
            assert "location" not in answer.headers
    assert records.count(database, "document_texts", tenant.id) == 0

    # The infected résumé is no ground for a rating: a person is asked.
    requirements = [{"id": "python", "text": "Python", "kind": "must", "weight": 3}]
    application = new_application(api, candidate, new_position(api, requirements=requirements))
    api.post(f"/api/applications/{application['id']}/screenings")
    cloud.drain()
    [screening] = api.get(f"/api/applications/{application['id']}/screenings").json["items"]
    assert (screening["recommendation"], screening["document_id"]) == ("needs_human", None)

    # A clean one that comes after it is read as ever.
    resume = (make_resumes.FOLDER / "priya-raman-portfolio-cv.pdf").read_bytes()
    clean = read_document(api, cloud, "clean.pdf", resume, candidate_id=candidate["id"])
    assert (clean["status"], clean["analysis"]["status"]) == ("clean", "succeeded")
    assert api.get(f"/api/documents/{clean['id']}/content").status == 302
    scanned = [event for event in api.get("/api/events").json["items"] if event["action"] == "document_scanned"]
    assert [event["after"]["status"] for event in scanned] == ["infected"] * len(FILES) + ["clean"]

    set_role(database, tenant.email, "viewer")
    assert api.get(f"/api/documents/{infected[0]['id']}/content").code == "infected"
