"""A dry run says all that an import would do, and does none of it."""

from __future__ import annotations

import pytest

from tests import records
from tests.chalicelib.bulk_imports.importing import codes, csv_of, imported, outcomes, people, rows_of
from tests.conftest import Tenant
from tests.factories import new_candidate
from tests.house import Cloud, Database

MIXED = csv_of(
    ("Name", "E-Mail", "Phone", "Shoe size"),
    ("Ada", "ada@example.com", "", "38"),
    ("Bad", "no address", "call me", ""),
    ("Ada again", "ada@example.com", "", ""),
    ("Known", "known@example.com", "", ""),
)


@pytest.mark.parametrize("mode", ["skip", "update", "fail"])
def test_a_dry_run_foretells_the_import_and_writes_no_candidate(
    tenant: Tenant, cloud: Cloud, database: Database, mode: str
) -> None:
    known = new_candidate(tenant.api, name="Someone", email="known@example.com")

    rehearsed = imported(tenant.api, cloud, MIXED, on_duplicate=mode, dry_run=True)

    assert (rehearsed["dry_run"], rehearsed["status"]) == (True, "succeeded")
    assert records.count(database, "candidates", tenant.id) == 1
    assert tenant.api.get(f"/api/candidates/{known['id']}").json == known
    real = imported(tenant.api, cloud, MIXED, on_duplicate=mode)
    assert rehearsed["rows"] == real["rows"]
    foretold, became = (rows_of(tenant.api, view["id"]) for view in (rehearsed, real))
    assert [(row["line"], row["outcome"], codes(row)) for row in foretold] == [
        (row["line"], row["outcome"], codes(row)) for row in became
    ]


def test_a_dry_run_shows_the_mapping_the_first_rows_and_every_problem(tenant: Tenant, cloud: Cloud) -> None:
    view = imported(tenant.api, cloud, MIXED, dry_run=True)

    assert view["mapping"] == {
        "columns": {"name": "Name", "email": "E-Mail", "phone": "Phone"},
        "unmapped": ["Shoe size"],
        "ambiguous": {},
    }
    first, second, *_ = view["preview"]
    assert (first["line"], first["candidate"]["email"], first["problems"]) == (2, "ada@example.com", [])
    assert (second["line"], second["candidate"], codes(second)) == (3, None, ["email_invalid", "phone_invalid"])
    (failed,) = rows_of(tenant.api, view["id"], "failed")
    assert failed["problems"] == second["problems"]


def test_a_preview_shows_twenty_rows(tenant: Tenant, cloud: Cloud) -> None:
    view = imported(tenant.api, cloud, people(30), dry_run=True)

    assert [row["line"] for row in view["preview"]] == list(range(2, 22))
    assert imported(tenant.api, cloud, people(1))["preview"] is None


def test_a_dry_run_finds_duplicates_in_other_pieces(tenant: Tenant, cloud: Cloud) -> None:
    content = people(600) + people(500, first=400).split(b"\r\n", 1)[1]

    view = imported(tenant.api, cloud, content, dry_run=True)

    assert outcomes(view) == {"created": 900, "skipped": 200}
    assert {code for row in rows_of(tenant.api, view["id"], "skipped") for code in codes(row)} == {"duplicate_in_file"}


def test_a_dry_run_cannot_be_undone(tenant: Tenant, cloud: Cloud) -> None:
    view = imported(tenant.api, cloud, people(1), dry_run=True)

    refusal = tenant.api.post(f"/api/imports/{view['id']}/undo")

    assert (refusal.status, refusal.code, refusal.json["reason"]) == (409, "import_not_undoable", "dry_run")
    assert view["undo_until"] is None
