"""Full-text search over candidates."""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api import ApiClient, Reply
from tests.conftest import Tenant
from tests.factories import Json, as_superuser, new_candidate
from tests.house import Database

SEARCH = "/api/candidates/search"


def search(api: ApiClient, text: str, **query: object) -> Reply:
    return api.get(f"{SEARCH}?{urlencode({'q': text, **query})}")


def found(api: ApiClient, text: str) -> list[str]:
    """Names found, sorted; the list's `q` must agree."""
    reply = search(api, text)
    assert reply.status == 200, reply
    names = sorted(item["name"] for item in reply.json["items"])
    assert reply.json["total"] == len(names)
    assert sorted(item["name"] for item in api.get("/api/candidates", q=text).json["items"]) == names
    return names


@pytest.fixture
def crew(api: ApiClient) -> ApiClient:
    """An organization with four candidates."""
    new_candidate(api, name="Ada", headline="Backend engineer", summary="Managed a team in Zürich", skills=["Python"])
    new_candidate(api, name="Bea", headline="Frontend engineer", summary="A team in Bern", skills=["TypeScript"])
    new_candidate(api, name="Cleo", headline="Nurse", summary="Engineer of backend wards", skills=["Triage"])
    new_candidate(api, name="Dora", headline="Accountant", location="Zurich")
    return api


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("engineer", ["Ada", "Bea", "Cleo"]),
        ("ENGINEERS", ["Ada", "Bea", "Cleo"]),
        ("backend engineer", ["Ada", "Cleo"]),
        ('"backend engineer"', ["Ada"]),
        ('"backend engineer', ["Ada"]),
        ("nurse OR accountant", ["Cleo", "Dora"]),
        ("nurse or accountant", []),
        ("engineer -nurse", ["Ada", "Bea"]),
        ('engineer -"backend engineer"', ["Bea", "Cleo"]),
        ("engineer python OR accountant zurich", ["Ada", "Dora"]),
        ("engineer -python -typescript", ["Cleo"]),
        ("acc*", ["Dora"]),
        ("typesc* OR triag*", ["Bea", "Cleo"]),
        ("engineer -typ*", ["Ada", "Cleo"]),
        ("zurich", ["Ada", "Dora"]),
        ("ZÜRICH", ["Ada", "Dora"]),
        ("züri*", ["Ada", "Dora"]),
        ("managing", ["Ada"]),
        ("manages teams", ["Ada"]),
        ("OR nurse OR", ["Cleo"]),
        ("plumber", []),
        ("the", []),
        ("the nurse", ["Cleo"]),
        ('""', None),
        ("!!&|:*<->\\", None),
        ("-nurse", None),
        ("* - \" ' ( )", None),
        ("OR", None),
    ],
)
def test_what_is_typed_finds_what_it_says(crew: ApiClient, text: str, names: list[str] | None) -> None:
    if names is not None:
        assert found(crew, text) == names
        return
    refused = search(crew, text)
    assert (refused.status, refused.code, refused.wrong_fields) == (422, "empty_search", {"q"})


@pytest.mark.parametrize(
    "text",
    [
        "!!&|:*<->\\ engineer",
        "engineer:A",
        "engineer & !nurse",
        "engineer <-> backend",
        "'engineer",
        "engineer''",
        "''':*",
        "engineer\\",
        "\\':* | engineer",
        "a'b:*c*",
        "back\\slash*",
        "('engineer'",
        "); drop table candidates; --",
        "%s %(x)s :x {0} ${jndi}",
        "engineer*:*",
        "x**",
        '"engineer" "',
        "\u202eengineer\u200b",
        "🦀",
        "https://x.example/a?b=c&d",
        "a@b.example",
        "-" * 200,
        "a " * 100,
        "a OR " * 40,
        "-a " * 60,
    ],
)
def test_operators_and_quotes_are_text_and_no_syntax(crew: ApiClient, text: str) -> None:
    for reply in (search(crew, text), crew.get("/api/candidates", q=text)):
        assert (reply.status, reply.status == 422 and reply.code) in {(200, False), (422, "empty_search")}
    assert found(crew, "engineer") == ["Ada", "Bea", "Cleo"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(max_size=60), st.text(alphabet="ab é\"'*-!&|:<>()\\OR\t", max_size=60)))
def test_any_text_is_answered_or_refused_and_breaks_nothing(api_without_limit: ApiClient, text: str) -> None:
    reply = search(api_without_limit, text)

    assert reply.status in {200, 422}, (text, reply)


@pytest.fixture
def api_without_limit(configure: Callable[..., None], api: ApiClient) -> ApiClient:
    configure(rate_limit_enabled="false")
    new_candidate(api, name="ab é a b", summary="a b OR ab")
    return api


@pytest.mark.parametrize(
    "query", [{}, {"q": ""}, {"q": "   "}, {"q": "x" * 201}, {"q": "a", "limit": 1001}, {"q": "\0"}]
)
def test_a_search_that_makes_no_sense_is_refused(api: ApiClient, query: Json) -> None:
    assert api.get(f"{SEARCH}?{urlencode(query)}").status == 422


def test_every_part_of_a_profile_is_searched(api: ApiClient) -> None:
    job = {"title": "Luthier", "organization": "Stradivaria", "description": 'Built violins\nVarnished cellos\t"Bows"'}
    school = {"institution": "Cremona", "degree": "Diplom", "field": "Acoustics"}
    new_candidate(
        api,
        name="Nameword",
        email="mailword@x.example",
        location="Placeword",
        headline="Headword",
        summary="Sumword",
        skills=["Skillword"],
        tags=["Tagword"],
        experience=[job],
        education=[school],
    )

    words = "nameword mailword@x.example placeword headword sumword skillword tagword"
    for word in [*words.split(), "luthier", "stradivaria", "violins", "varnished", "bows", "cremona", "acoustics"]:
        assert found(api, word) == ["Nameword"], word


def test_a_changed_profile_is_found_by_its_new_words_only(api: ApiClient) -> None:
    candidate = new_candidate(api, name="Ada", headline="Plumber")

    api.patch(f"/api/candidates/{candidate['id']}", {"headline": "Roofer", "education": [{"institution": "Eton"}]})

    assert [found(api, "plumber"), found(api, "roofer"), found(api, "eton")] == [[], ["Ada"], ["Ada"]]


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script> Ada", "Ada <img src=x onerror=alert(1)>", "Ada & 'Co' \"<b>\"", "Ada\x02 \x03Ada\x02"],
)
def test_a_highlight_holds_no_markup_but_its_marks(api: ApiClient, name: str) -> None:
    new_candidate(api, name=name, summary="</mark><script>Ada</script>")

    highlight = search(api, "ada").json["items"][0]["highlight"]

    assert "<mark>Ada</mark>" in highlight
    pieces = re.split(r"<mark>([^<>]*)</mark>", highlight)
    assert not any(sign in piece for piece in pieces for sign in "<>\x02\x03")
    assert all(html.unescape(piece).lower() == "ada" for piece in pieces[1::2])


def test_a_match_in_a_name_ranks_above_one_in_a_headline_and_one_in_a_resume(
    tenant: Tenant, database: Database
) -> None:
    api = tenant.api
    add_resume(database, tenant, new_candidate(api, name="In résumé"), "Worked with Marlowe & 1 < 2 sons")
    new_candidate(api, name="In summary", summary="Worked with Marlowe")
    new_candidate(api, name="In headline", headline="Marlowe expert")
    new_candidate(api, name="Christopher Marlowe")
    for number in range(3):
        new_candidate(api, name=f"Nobody {number}")

    items = search(api, "marlowe").json["items"]

    order = ["Christopher Marlowe", "In headline", "In summary", "In résumé"]
    assert [item["name"] for item in items] == order
    ranks = [item["rank"] for item in items]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) == 4
    assert "résumé — Worked with <mark>Marlowe</mark> &amp; 1 &lt; 2 sons" in items[3]["highlight"]


def test_a_highlight_marks_a_word_wherever_in_a_long_resume_it_stands(tenant: Tenant, database: Database) -> None:
    for place in (100, 1_000, 5_000, 45_000):
        text = f"{'Sailing home. ' * (place // 14)}Marlowe {'sailing home. ' * 300}"
        add_resume(database, tenant, new_candidate(tenant.api, name=f"At {place}"), text)

    items = search(tenant.api, "marlowe sailing").json["items"]

    assert sorted(item["name"] for item in items) == ["At 100", "At 1000", "At 45000", "At 5000"]
    assert all("<mark>Marlowe</mark>" in item["highlight"] for item in items)


def add_resume(database: Database, tenant: Tenant, candidate: Json, text: str) -> None:
    """A clean résumé that was read, for a candidate."""
    values = {"organization": tenant.id, "candidate": candidate["id"], "text": text}
    statements = """
        insert into documents (id, organization_id, kind, filename, content_type, size_bytes, status, object_key,
            object_version, sha256, upload_expires_at, created_at, updated_at)
        values (cast(:candidate as uuid), :organization, 'resume', 'cv.pdf', 'application/pdf', 1, 'clean', 'k', 'v1',
            repeat('0', 64), now(), now(), now());
        insert into document_texts (document_id, organization_id, text, pages, read_at)
        values (cast(:candidate as uuid), :organization, :text, '[]', now());
        update candidates set resume_document_id = id where id = cast(:candidate as uuid)
    """
    with as_superuser(database) as connection:
        for statement in statements.split(";"):
            connection.execute(sa.text(statement), {key: values[key] for key in values if f":{key}" in statement})


def test_more_words_than_a_search_vector_holds_are_cut_and_not_refused(tenant: Tenant, database: Database) -> None:
    chance = random.Random(1)

    def prose(length: int) -> str:
        """Words in a script of four bytes a letter, each twice in the vector: by itself and joined."""
        words = ["".join(chr(0x20000 + chance.randrange(40_000)) for _ in range(4)) for _ in range(length // 5)]
        return "".join(f"{one}-{two} " for one, two in zip(words[::2], words[1::2], strict=True))[:length].strip()

    labels = [prose(100) for _ in range(200)]
    jobs = [{"description": prose(19_990)} for _ in range(4)]
    wish = {"name": "Ada", "summary": prose(19_990), "skills": labels, "tags": labels[::-1], "experience": jobs}
    made = tenant.api.post("/api/candidates", json.dumps(wish, ensure_ascii=False).encode())
    assert made.status == 201

    add_resume(database, tenant, made.json, f"Marlowe {prose(100_000)}")

    assert found(tenant.api, "marlowe") == ["Ada"]
    assert tenant.api.patch(f"/api/candidates/{made.json['id']}", {"headline": "Luthier"}).status == 200
    assert found(tenant.api, "luthier") == ["Ada"]


def test_results_are_walked_without_repeats(api: ApiClient) -> None:
    for number in range(7):
        new_candidate(api, name=f"Ada {number}", headline="Ada" if number % 2 else None)
    whole = search(api, "ada").json
    assert (whole["total"], whole["total_is_exact"], whole["next_cursor"]) == (7, True, None)

    walked, cursor, skips = [], None, []
    while True:
        page = search(api, "ada", limit=3, **({"cursor": cursor} if cursor else {})).json
        walked += page["items"]
        skips.append((page["skip"], page["limit"], page["total"]))
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert walked == whole["items"]
    assert skips == [(0, 3, 7), (3, 3, 7), (6, 3, 7)]
    assert search(api, "ada", skip=2, limit=3).json["items"] == whole["items"][2:5]
    assert search(api, "ada", skip=7).json["items"] == []
    assert search(api, "ada", skip=2**31).status == 422


def test_a_cursor_of_another_search_is_refused(api: ApiClient) -> None:
    for _ in range(2):
        new_candidate(api, name="Ada Grace")
    cursor = search(api, "ada", limit=1).json["next_cursor"]

    assert search(api, "grace", limit=1, cursor=cursor).code == "bad_cursor"
    assert search(api, "ada", limit=1, cursor=cursor[:-2] + "xx").code == "bad_cursor"
    assert search(api, "ada", limit=1, cursor=cursor).status == 200


def test_neither_deleted_candidates_nor_another_organizations_are_found(api: ApiClient, other: Tenant) -> None:
    new_candidate(other.api, name="Ada Foreign")
    gone = new_candidate(api, name="Ada Gone")
    new_candidate(api, name="Ada Ours")
    api.delete(f"/api/candidates/{gone['id']}")

    assert found(api, "ada") == found(api, "ad*") == found(api, "ada -foreign") == ["Ada Ours"]
    assert found(api, "foreign OR gone") == []
    assert found(other.api, "ada") == ["Ada Foreign"]
