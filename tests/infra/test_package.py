"""The package as Lambda gets it: every handler of the template imported and called in a process of its own."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest

from chalicelib import migrations
from infra import package
from infra.packaging import archive, interpreter, pruning
from tests.infra import packaged
from tests.infra.packaged import ACCOUNT, REGION, Built

NO_MESSAGES: dict[str, Any] = {"Records": []}
SCHEDULED = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": ACCOUNT,
    "time": "2026-01-05T10:00:00Z",
    "region": REGION,
    "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/every-minute"],
    "detail": {},
}
CONSUMERS = {
    "functions.scan_document.scan_document": "scan",
    "functions.run_screening.run_screening": "high",
    "functions.run_default_jobs.run_default_jobs": "default",
    "functions.run_low_jobs.run_low_jobs": "low",
    "functions.deliver_webhooks.deliver_webhooks": "webhook",
}
NOT_SHIPPED = {"requirements.txt", ".chalice/config.json", ".chalice/policy-none.json"}
SCHEDULES = (
    "functions.relay_jobs.relay_jobs",
    "functions.check_health.check_health",
    "functions.apply_retention.apply_retention",
    "functions.rescan_documents.rescan_documents",
    "functions.expire_candidates.expire_candidates",
    "functions.verify_events.verify_events",
    "functions.reseal_secrets.reseal_secrets",
    "functions.roll_up_metrics.roll_up_metrics",
    "functions.take_snapshot.take_snapshot",
    "functions.verify_restore.verify_restore",
)
MIGRATION = "functions.migrate_database.migrate_database"
ROTATION = "functions.rotate_token_secret.rotate_token_secret"
DATABASE_ROTATION = "functions.rotate_database_secret.rotate_database_secret"


def get_request(path: str) -> dict[str, Any]:
    """GET `path`, as API Gateway's proxy integration tells it."""
    return {
        "resource": path,
        "path": path,
        "httpMethod": "GET",
        "headers": {"Accept": "application/json", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"},
        "multiValueHeaders": {"Accept": ["application/json"], "X-Forwarded-Proto": ["https"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": path,
            "path": f"/dev{path}",
            "httpMethod": "GET",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "stage": "dev",
            "identity": {"sourceIp": "203.0.113.7", "userAgent": "test"},
        },
        "body": None,
        "isBase64Encoded": False,
    }


def message(queue: str, body: str) -> dict[str, Any]:
    """A batch of one message, as an event source mapping hands it over."""
    record = {
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183"},
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:recruitpro-dev-{queue}",
        "awsRegion": REGION,
    }
    return {"Records": [record]}


@pytest.fixture(scope="session")
def built() -> Built:
    return packaged.build("dev", with_zip=True)


@pytest.fixture(scope="session")
def task(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packaged.unpack(built, tmp_path_factory.mktemp("lambda") / "task")


def test_every_handler_of_the_template_is_called_here(built: Built) -> None:
    assert set(built.manifest["handlers"].values()) == {
        "app.app",
        MIGRATION,
        ROTATION,
        DATABASE_ROTATION,
        *CONSUMERS,
        *SCHEDULES,
    }


def test_the_runtime_is_the_python_that_packaged(built: Built) -> None:
    assert built.manifest["runtime"] == f"python{interpreter.choose().version}"


def test_the_api_answers_with_nothing_but_the_package(built: Built, task: Path) -> None:
    outcome = packaged.run(built, task, "app.app", get_request("/api/health/live"))

    assert outcome["answer"]["statusCode"] == 200
    assert json.loads(outcome["answer"]["body"]) == {"status": "alive"}
    assert outcome["strangers"] == []


@pytest.mark.parametrize("handler", CONSUMERS)
def test_a_consumer_answers_for_each_message(built: Built, task: Path, handler: str) -> None:
    nothing = packaged.run(built, task, handler, NO_MESSAGES)
    unreadable = packaged.run(built, task, handler, message(CONSUMERS[handler], "not JSON"))

    assert nothing["answer"] == {"batchItemFailures": []}
    assert unreadable["answer"] == {"batchItemFailures": [{"itemIdentifier": "059f36b4-87a3-44ab-83d2-661975830a7d"}]}
    assert unreadable["strangers"] == []


@pytest.mark.parametrize("handler", ["functions.relay_jobs.relay_jobs", "functions.roll_up_metrics.roll_up_metrics"])
def test_what_runs_each_minute_says_so_when_the_database_is_out_of_reach(
    built: Built, task: Path, handler: str
) -> None:
    outcome = packaged.run(built, task, handler, SCHEDULED)

    assert outcome["error"][:2] == ["chalicelib.db", "DatabaseUnavailable"]
    assert outcome["strangers"] == []


def test_the_health_check_finds_everything_down_and_does_not_break(built: Built, task: Path) -> None:
    outcome = packaged.run(built, task, "functions.check_health.check_health", SCHEDULED)

    assert outcome["answer"]["status"] == "unhealthy"
    assert {outcome["answer"]["checks"][name]["status"] for name in ("database", "queue", "storage", "scanner")} == {
        "down"
    }
    assert outcome["strangers"] == []


@pytest.mark.parametrize(
    ("handler", "missing"),
    [
        ("functions.take_snapshot.take_snapshot", "RECRUITPRO_BACKUP_INSTANCE"),
        ("functions.verify_restore.verify_restore", "RECRUITPRO_RESTORE_TEST_SUBNET_GROUP"),
    ],
)
def test_what_looks_after_backups_says_what_it_is_not_told(
    built: Built, task: Path, handler: str, missing: str
) -> None:
    outcome = packaged.run(built, task, handler, SCHEDULED)

    assert missing in outcome["answer"]["skipped"]
    assert outcome["strangers"] == []


def test_the_migration_asks_for_the_masters_secret_or_the_owners_url(built: Built, task: Path) -> None:
    outcome = packaged.run(built, task, MIGRATION, {})

    assert outcome["error"] == [
        "builtins",
        "RuntimeError",
        "neither RECRUITPRO_DATABASE_MASTER_SECRET_ARN nor RECRUITPRO_MIGRATION_DATABASE_URL is set",
    ]
    assert outcome["strangers"] == []


@pytest.mark.parametrize("rotation", [ROTATION, DATABASE_ROTATION])
def test_the_rotation_refuses_a_secret_that_is_not_ours(built: Built, task: Path, rotation: str) -> None:
    event = {"Step": "createSecret", "SecretId": "another", "ClientRequestToken": "x"}
    outcome = packaged.run(built, task, rotation, event)

    assert outcome["error"][:2] == ["chalicelib.auth.rotation", "RotationRefused"]
    assert outcome["strangers"] == []


def test_the_roots_of_rds_are_shipped(task: Path) -> None:
    assert (task / "chalicelib/migrations/amazon_rds_ca.pem").is_file()


def test_the_list_of_common_passwords_is_shipped_with_its_licence(task: Path) -> None:
    for suffix in ("txt.gz", "LICENSE"):
        assert (task / f"chalicelib/auth/common_passwords.{suffix}").is_file()


def test_every_module_of_ours_can_be_imported_from_the_package(built: Built, task: Path) -> None:
    alembics_own = "chalicelib.migrations.env"  # runs a migration when it is imported
    outcome = packaged.run(
        built, task, "probe.import_all", {"roots": ["chalicelib", "functions"], "but": [alembics_own]}
    )

    assert "error" not in outcome, outcome["error"]
    ours = {_module(path.removeprefix("vendor/")) for path in built.sources if path.endswith(".py")}
    assert ours - {"app", alembics_own, "chalicelib", "functions"} == set(outcome["answer"])
    assert outcome["strangers"] == []


def test_the_package_reads_a_pdf_and_a_word_file(built: Built, task: Path) -> None:
    for filename, content in (("resume.pdf", _pdf("Grace Hopper")), ("resume.docx", _docx("Grace Hopper"))):
        event = {"filename": filename, "content": base64.b64encode(content).decode()}
        outcome = packaged.run(built, task, "probe.read_document", event)

        assert "Grace Hopper" in outcome["answer"], outcome
        assert outcome["strangers"] == []


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _pdf(text: str) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.drawString(72, 720, text)
    canvas.save()
    return buffer.getvalue()


def _docx(text: str) -> bytes:
    buffer = io.BytesIO()
    document = docx.Document()
    document.add_paragraph(text)
    document.save(buffer)
    return buffer.getvalue()


def test_a_client_can_be_made_of_every_service_that_is_kept(built: Built, task: Path) -> None:
    outcome = packaged.run(built, task, "probe.make_clients", {"services": pruning.SERVICES})

    assert len(outcome["answer"]) == len(pruning.SERVICES)


def test_the_package_finds_its_migrations(built: Built, task: Path) -> None:
    outcome = packaged.run(built, task, "probe.newest_migration", {})

    assert outcome["answer"] == migrations.newest()


def test_nothing_of_our_code_is_left_out(built: Built, task: Path) -> None:
    shipped = {path.relative_to(task).as_posix() for path in task.rglob("*") if path.is_file()}
    ours = {path.removeprefix("vendor/") for path in built.sources} - NOT_SHIPPED

    assert ours <= shipped
    assert {path for path in ours if path.endswith((".sql", ".mako"))}


def test_nothing_of_the_workshop_is_shipped(built: Built, task: Path) -> None:
    top = {path.name for path in task.iterdir()}

    assert not top & {"infra", "tests", "docs", "vendor", ".chalice", ".venv", ".local", "build", "pip", "setuptools"}
    assert {path.name for path in (task / "chalice").glob("*.py")} == {"__init__.py", "app.py"}


def test_every_module_has_bytecode_that_python_uses_unchecked(built: Built, task: Path) -> None:
    tag = "cpython-" + built.manifest["runtime"].removeprefix("python").replace(".", "")
    for source in task.rglob("*.py"):
        compiled = source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"
        flags = int.from_bytes(compiled.read_bytes()[4:8], "little")
        assert flags == 0b01, f"{source} is compiled with a hash that is never checked"


def test_a_traceback_names_the_place_on_lambda(task: Path) -> None:
    compiled = next((task / "chalicelib" / "__pycache__").glob("db.*.pyc")).read_bytes()

    assert b"/var/task/chalicelib/db.py" in compiled


def test_the_package_is_small_enough(built: Built) -> None:
    sizes = built.manifest["package"]

    assert sizes["zipped_bytes"] == built.zip.stat().st_size <= archive.MAX_ZIPPED_BYTES
    assert sizes["unzipped_bytes"] <= archive.MAX_UNZIPPED_BYTES


def test_the_zip_says_nothing_of_when_it_was_made(built: Built) -> None:
    with zipfile.ZipFile(built.zip) as packed:
        entries = packed.infolist()

    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {archive.EPOCH}


def test_an_unknown_environment_is_refused_in_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code = package.main(["--environment", "local", "--output", str(tmp_path / "out")])

    assert code == 1
    assert capsys.readouterr().err == (
        "error: there is no environment 'local' to package for: dev, staging, production\n"
    )
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_else_is_left_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    code = package.main(["--environment", "dev", "--output", str(tmp_path)])

    assert code == 1
    assert "holds something other than a package" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
