"""clamd as its container runs it, and the mirror of its definitions: real clamd, sigtool and clamscan, moto's S3."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib import metrics
from chalicelib.documents.eicar import EICAR
from chalicelib.documents.scanner import ClamdScanner, ScanIncomplete, ScannerUnavailable
from chalicelib.settings import read
from infra.local import clamav, processes
from infra.scanner import check, mirror, proving, serve
from infra.scanner.bucket import Definitions
from infra.scanner.keeping import Shelf
from infra.scanner.manifest import DefinitionsRefused, Manifest
from infra.scanner.programs import ProgramFailed
from tests.chalicelib.documents.files import encrypted_zip
from tests.house import Cloud

ROOT = Path(__file__).resolve().parents[2]
CONF = ROOT / "infra" / "scanner" / "clamd.conf"
NOW = datetime.now(UTC)
DAY_HOURS = 24.0
MARKER = b"a marker that only the second version of these definitions knows"
EICAR_ONLY = {"Eicar-Test-Signature": EICAR}
WITH_MARKER = {**EICAR_ONLY, "RecruitPro.Marker": MARKER}
_names = itertools.count()

pytestmark = pytest.mark.skipif(
    clamav.find_clamd() is None and os.environ.get("REQUIRE_CLAMD") != "1", reason="clamd is not installed"
)


def daily(folder: Path, version: int, signatures: dict[str, bytes]) -> None:
    """Put a daily file into `folder`, as freshclam would; nobody has signed it."""
    work = folder / f"work-{next(_names)}"
    work.mkdir(parents=True)
    lines = [f"{name}:0:*:{content.hex()}\n" for name, content in signatures.items()]
    (work / "daily.ndb").write_text("".join(lines))
    (work / "COPYING").write_text("None.\n")
    command = ["sigtool", "--unsigned", "--build=daily.cud", f"--cvd-version={version}", "--no-cdiff"]
    done = subprocess.run(command, cwd=work, input="tests\n", text=True, capture_output=True, check=False)
    assert (work / "daily.cud").exists(), done.stderr
    (work / "daily.cud").replace(folder / "daily.cud")


def downloads(version: int, signatures: dict[str, bytes]) -> Callable[[Path], None]:
    """A download that finds this version."""
    return lambda folder: daily(folder, version, signatures)


def unsigned(path: Path) -> proving.Container:
    return proving.container(path, takes_unsigned=True)


@pytest.fixture
def bucket(cloud_of_worker: Cloud) -> Definitions:
    s3, name = cloud_of_worker.client("s3"), f"definitions-{next(_names)}-{os.getpid()}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return Definitions(s3, name)


@pytest.fixture
def publish(bucket: Definitions, tmp_path: Path) -> Callable[..., Manifest]:
    def do(version: int, signatures: dict[str, bytes], *, now: datetime = NOW) -> Manifest:
        folder = tmp_path / f"mirror-{next(_names)}"
        folder.mkdir()
        download = downloads(version, signatures)
        return mirror.refresh(bucket, folder, now=now, download=download, prove=unsigned).manifest

    return do


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "definitions")


def conf_of(shelf: Shelf, folder: Path, port: int) -> Path:
    """The container's settings with the places and the port of this machine."""
    text = CONF.read_text()
    (folder / "tmp").mkdir(exist_ok=True)
    changed = {
        "TCPSocket": str(port),
        "TCPAddr": "127.0.0.1",
        "DatabaseDirectory": str(shelf.current),
        "TemporaryDirectory": str(folder / "tmp"),
    }
    for name, value in changed.items():
        text, count = re.subn(rf"^{name} .*$", f"{name} {value}", text, flags=re.MULTILINE)
        assert count == 1, name
    if os.geteuid() == 0:
        text += "User root\n"  # Debian's build would change to a user who cannot read here
    path = folder / "clamd.conf"
    path.write_text(text)
    return path


class Container:
    """clamd kept by `serve`, in this process."""

    def __init__(self, bucket: Definitions, shelf: Shelf, folder: Path) -> None:
        self.port = processes.free_port()
        self.folder = folder
        self.keeper = serve.Keeper(bucket, shelf, max_age_hours=DAY_HOURS, port=self.port)
        self.stopping = threading.Event()
        self.clamd: subprocess.Popen[bytes] | None = None
        self.code: int | None = None
        self._conf = conf_of(shelf, folder, self.port)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        self.code = serve.serve(self.keeper, self.stopping, self._start, first_seconds=0.1)

    def _start(self) -> subprocess.Popen[bytes]:
        program = clamav.find_clamd()
        assert program is not None
        with (self.folder / "clamd.out").open("wb") as output:
            self.clamd = subprocess.Popen([program, f"--config-file={self._conf}"], stdout=output, stderr=output)
        return self.clamd

    def scanner(self) -> ClamdScanner:
        return ClamdScanner(port=self.port, connect_timeout_seconds=1, timeout_seconds=10)

    def wait(self, is_so: Callable[[], bool], seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def wait_until_well(self, shelf: Shelf) -> None:
        self.wait(lambda: self.code is not None or is_well(shelf, self.port))
        assert self.code is None, (self.folder / "clamd.out").read_text()

    def end(self) -> int | None:
        self.stopping.set()
        self._thread.join(20)
        if self.clamd is not None and self.clamd.poll() is None:
            self.clamd.kill()
            self.clamd.wait()
        return self.code


@pytest.fixture
def container(bucket: Definitions, shelf: Shelf, tmp_path: Path) -> Iterator[Container]:
    made = Container(bucket, shelf, tmp_path)
    yield made
    made.end()


def is_well(shelf: Shelf, port: int, *, now: datetime = NOW) -> bool:
    return check.problem(shelf, now=now, max_age_hours=DAY_HOURS, port=port) is None


def test_clamd_starts_with_the_first_definitions_takes_newer_ones_and_scans_on(
    container: Container, publish: Callable[..., Manifest], shelf: Shelf
) -> None:
    assert not is_well(shelf, container.port)  # there are no definitions, and it waits for them
    publish(1, EICAR_ONLY)
    container.wait_until_well(shelf)
    scanner = container.scanner()
    assert scanner.scan(io.BytesIO(b"prefix " + EICAR)).signature == "Eicar-Test-Signature.UNOFFICIAL"
    assert not scanner.scan(io.BytesIO(MARKER)).is_infected

    publish(2, WITH_MARKER)
    assert container.keeper.take()
    container.keeper.reload()
    container.wait(lambda: scanner.scan(io.BytesIO(MARKER)).is_infected)
    assert container.end() == 0


def test_the_limits_of_the_container_are_in_force(
    bucket: Definitions, publish: Callable[..., Manifest], shelf: Shelf, tmp_path: Path
) -> None:
    publish(1, EICAR_ONLY)
    running = Container(bucket, shelf, tmp_path)
    try:
        running.wait_until_well(shelf)
        with pytest.raises(ScanIncomplete, match="password"):
            running.scanner().scan(io.BytesIO(encrypted_zip()))
        said = (tmp_path / "clamd.out").read_text()
    finally:
        running.end()

    assert f"Global time limit set to {120_000} milliseconds" in said
    assert f"Global size limit set to {2047 * 1024**2} bytes" in said
    assert f"File size limit set to {1536 * 1024**2} bytes" in said
    assert "Self checking disabled" in said


def test_the_limits_stand_in_one_place_and_above_the_largest_upload() -> None:
    settings = dict(line.split(maxsplit=1) for line in CONF.read_text().splitlines() if line and line[0] != "#")
    told = dict(re.findall(r"^\| (\w+) \| (\S+) \|", (ROOT / "docs" / "clamd.md").read_text(), re.MULTILINE))

    limits = ("StreamMaxLength", "MaxFileSize", "MaxScanSize", "MaxScanTime", "AlertExceedsMax", "AlertEncrypted")
    assert {name: told[name] for name in limits} == {name: settings[name] for name in limits}
    mib = {name: int(settings[name].rstrip("M")) for name in ("StreamMaxLength", "MaxFileSize", "MaxScanSize")}
    assert mib["StreamMaxLength"] * 1024**2 > read({}).upload_import_max_bytes
    assert mib["MaxScanSize"] >= mib["MaxFileSize"] > mib["StreamMaxLength"]


def test_a_clamd_on_a_laptop_looks_at_files_as_the_container_does(tmp_path: Path) -> None:
    """Whatever bears on a verdict is the same; what may differ is named here."""
    conf = clamav.write_folder(tmp_path, port=1, socket_path=None, stream_max_bytes=25 * clamav.MIB)
    local, container = (
        dict(line.split(maxsplit=1) for line in path.read_text().splitlines() if line and line[0] != "#")
        for path in (conf, CONF)
    )
    of_the_machine = {
        "Foreground", "LogTime", "LogClean", "LogFile", "LogFileUnlock", "PidFile", "User", "TCPSocket", "TCPAddr",
        "MaxThreads", "MaxQueue", "CommandReadTimeout", "IdleTimeout", "StreamMaxLength", "DatabaseDirectory",
        "TemporaryDirectory", "SelfCheck", "ConcurrentDatabaseReload",
    }  # fmt: skip

    def bears_on_verdicts(told: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in told.items() if name not in of_the_machine}

    assert bears_on_verdicts(local) == bears_on_verdicts(container)
    assert len(bears_on_verdicts(local)) >= 6


def test_a_container_whose_clamd_died_ends_so_that_another_takes_its_place(
    bucket: Definitions, publish: Callable[..., Manifest], shelf: Shelf, tmp_path: Path
) -> None:
    publish(1, EICAR_ONLY)
    running = Container(bucket, shelf, tmp_path)
    running.wait_until_well(shelf)
    assert running.clamd is not None
    running.clamd.kill()
    running.wait(lambda: running.code is not None)

    assert running.code == 1
    assert not is_well(shelf, running.port)
    with pytest.raises(ScannerUnavailable):
        running.scanner().scan(io.BytesIO(b"x"))


def test_without_definitions_clamd_is_not_even_started(container: Container, shelf: Shelf) -> None:
    found = check.problem(shelf, now=NOW, max_age_hours=DAY_HOURS, port=container.port)

    assert found == "there are no definitions"
    assert container.clamd is None
    assert container.end() == 0


def test_old_definitions_are_not_taken_and_fail_the_health_check(
    bucket: Definitions, publish: Callable[..., Manifest], shelf: Shelf
) -> None:
    publish(1, EICAR_ONLY)
    late = datetime.now(UTC) + timedelta(hours=DAY_HOURS, minutes=2)

    with pytest.raises(DefinitionsRefused, match=r"24\.\d hours old, and may be 24"):
        shelf.take(bucket, now=late, max_age_hours=DAY_HOURS)
    assert shelf.take(bucket, now=NOW, max_age_hours=DAY_HOURS)
    found = check.problem(shelf, now=late, max_age_hours=DAY_HOURS, port=processes.free_port())
    assert found is not None
    assert "hours old" in found


def test_a_corrupt_download_is_refused_and_what_is_in_use_stays(
    bucket: Definitions, publish: Callable[..., Manifest], shelf: Shelf
) -> None:
    publish(1, EICAR_ONLY)
    assert shelf.take(bucket, now=NOW, max_age_hours=DAY_HOURS)
    before = shelf.current.resolve()
    second = publish(2, WITH_MARKER)
    other = bucket._s3.put_object(Bucket=bucket._bucket, Key="daily.cud", Body=b"x" * second.files[0].size_bytes)
    told = second.as_json().replace(second.files[0].version_id, other["VersionId"])
    bucket.publish(Manifest.of_json(told))

    with pytest.raises(DefinitionsRefused, match="not what the manifest names"):
        shelf.take(bucket, now=NOW, max_age_hours=DAY_HOURS)
    assert shelf.current.resolve() == before
    assert sorted(path.name for path in shelf.current.parent.iterdir()) == sorted([before.name, "current"])
    bucket.publish(second)  # the version that the manifest named is still there
    assert shelf.take(bucket, now=NOW, max_age_hours=DAY_HOURS)


def test_an_interrupted_switch_leaves_the_old_set_or_the_new_one(
    bucket: Definitions, publish: Callable[..., Manifest], shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(1, EICAR_ONLY)
    shelf.take(bucket, now=NOW, max_age_hours=DAY_HOURS)
    before = shelf.manifest()
    second = publish(2, WITH_MARKER)
    monkeypatch.setattr(Path, "replace", _dies)

    with pytest.raises(KeyboardInterrupt):
        shelf.take(bucket, now=NOW, max_age_hours=DAY_HOURS)
    assert shelf.manifest() == before
    monkeypatch.undo()
    assert shelf.take(bucket, now=NOW, max_age_hours=DAY_HOURS)
    assert shelf.manifest() == second
    assert not shelf.take(bucket, now=NOW, max_age_hours=DAY_HOURS)


def _dies(*_: Any) -> None:
    raise KeyboardInterrupt


def test_a_manifest_that_would_lead_out_of_its_folder_is_refused(publish: Callable[..., Manifest]) -> None:
    told = publish(1, EICAR_ONLY).as_json()

    for name in ("../daily.cud", "/etc/daily.cud", "daily.ndb", "Daily.cud", ""):
        with pytest.raises(DefinitionsRefused, match="no file of definitions"):
            Manifest.of_json(told.replace("daily.cud", name))
    for broken in ("", "[]", "{}", told.replace('"version": 1', '"version": "new"')):
        with pytest.raises(DefinitionsRefused, match="cannot be read"):
            Manifest.of_json(broken)


def test_what_has_not_changed_is_neither_uploaded_nor_published_again(bucket: Definitions, tmp_path: Path) -> None:
    def nothing_new(folder: Path) -> None:
        assert (folder / "daily.cud").exists()  # what is published, so that the CDN is asked for differences alone

    first = mirror.refresh(bucket, _folder(tmp_path), now=NOW, download=downloads(1, EICAR_ONLY), prove=unsigned)
    again = mirror.refresh(bucket, _folder(tmp_path), now=NOW, download=nothing_new, prove=unsigned)

    assert (first.is_new, again.is_new, again.manifest) == (True, False, first.manifest)


def test_a_run_that_ends_well_is_counted_and_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mirror's dead man's alarm waits for that line; its image has nothing of the application's own metrics."""
    monkeypatch.setenv("DEFINITIONS_BUCKET", "definitions")
    monkeypatch.delenv("RECRUITPRO_ENVIRONMENT", raising=False)

    def unchanged(*_: object, **__: object) -> mirror.Refreshed:
        return mirror.Refreshed(Manifest(1, NOW, NOW, ()), is_new=False)

    def refused(*_: object, **__: object) -> mirror.Refreshed:
        raise DefinitionsRefused("nothing new")

    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert mirror.main(unchanged) == 0
    assert [line["message"] for line in lines()] == ["definitions_unchanged"], "on a laptop nobody waits"
    monkeypatch.setenv("RECRUITPRO_ENVIRONMENT", "staging")
    assert mirror.main(refused) == 1
    assert [line["message"] for line in lines()] == ["definitions_kept"]
    assert mirror.main(unchanged) == 0
    _, counted = lines()
    monkeypatch.setenv("RECRUITPRO_ENVIRONMENT", "local")
    metrics.count("function_ran", function="mirror_definitions")
    (as_functions_tell,) = lines()
    assert (counted["environment"], counted["function"]) == ("staging", "mirror_definitions")
    assert figure(counted) == figure(as_functions_tell)


def figure(line: dict[str, Any]) -> tuple[str, set[str], str, str]:
    """Namespace, dimensions, name and unit of the one metric that a line tells."""
    (described,) = line["_aws"]["CloudWatchMetrics"]
    (dimensions,), (metric,) = described["Dimensions"], described["Metrics"]
    assert metric["Name"] in line
    return described["Namespace"], set(dimensions), metric["Name"], metric["Unit"]


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / f"mirror-{next(_names)}"
    folder.mkdir()
    return folder


def test_a_cdn_that_refuses_is_left_alone_until_it_may_be_asked_again(
    bucket: Definitions, publish: Callable[..., Manifest], tmp_path: Path
) -> None:
    before = publish(1, EICAR_ONLY)

    def refused(folder: Path) -> None:
        (folder / mirror.COOL_DOWN).write_bytes(b"until tomorrow")
        raise ProgramFailed("freshclam ended with 17: 429, cool down")

    with pytest.raises(ProgramFailed):
        mirror.refresh(bucket, _folder(tmp_path), now=NOW, download=refused, prove=unsigned)
    assert bucket.manifest() == before
    next_run = _folder(tmp_path)
    mirror.refresh(bucket, next_run, now=NOW, download=lambda _: None, prove=unsigned)
    assert (next_run / mirror.COOL_DOWN).read_bytes() == b"until tomorrow"


@pytest.mark.parametrize(
    ("version", "signatures", "prove", "why"),
    [
        (3, EICAR_ONLY, proving.container, "no valid signature"),
        (1, EICAR_ONLY, unsigned, "older than 2"),
        (3, {"RecruitPro.Marker": MARKER}, unsigned, "instead of EICAR"),
        (3, {**EICAR_ONLY, "RecruitPro.Everything": b"nursing"}, unsigned, "instead of EICAR"),
    ],
)
def test_definitions_that_are_not_proved_are_not_published(
    bucket: Definitions,
    publish: Callable[..., Manifest],
    tmp_path: Path,
    version: int,
    signatures: dict[str, bytes],
    prove: mirror.Prove,
    why: str,
) -> None:
    before = publish(2, EICAR_ONLY)

    with pytest.raises(DefinitionsRefused, match=why):
        mirror.refresh(bucket, _folder(tmp_path), now=NOW, download=downloads(version, signatures), prove=prove)
    assert bucket.manifest() == before


def test_half_a_download_is_refused_by_the_programs_themselves(bucket: Definitions, tmp_path: Path) -> None:
    def cut_off(folder: Path) -> None:
        daily(folder, 1, EICAR_ONLY)
        whole = (folder / "daily.cud").read_bytes()
        (folder / "daily.cud").write_bytes(whole[: len(whole) - 20])

    with pytest.raises((ProgramFailed, DefinitionsRefused)):
        mirror.refresh(bucket, _folder(tmp_path), now=NOW, download=cut_off, prove=unsigned)
    assert bucket.manifest() is None


def test_freshclam_takes_its_settings_and_asks_for_whole_signed_files(tmp_path: Path) -> None:
    text = mirror.FRESHCLAM_CONF.read_text()
    assert "ScriptedUpdates no" in text
    # An address where nobody listens, so that no test leaves the machine.
    conf = tmp_path / "freshclam.conf"
    changed = re.sub(r"^DatabaseMirror .*$", "DatabaseMirror http://127.0.0.1:9", text, flags=re.MULTILINE)
    changed = re.sub(r"^DNSDatabaseInfo .*$", "DNSDatabaseInfo no", changed, flags=re.MULTILINE)
    conf.write_text(changed.replace("MaxAttempts 3", "MaxAttempts 1") + "DatabaseOwner root\n")
    (tmp_path / "db").mkdir()
    command = ["freshclam", f"--config-file={conf}", f"--datadir={tmp_path / 'db'}", "--stdout", "--no-warnings"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode != 0
    assert "Parse error" not in done.stdout + done.stderr
    assert "127.0.0.1" in done.stdout + done.stderr
