"""What a deployment is made of: who asks, of which commit, with which images, and what the commands answer."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import boto3
import pytest

from infra.deploy import __main__ as command
from infra.deploy import aws, images, migration, packages, source
from infra.deploy.aws import Aws
from infra.deploy.deploying import Wish, deploy
from infra.deploy.errors import Failed, Refused
from infra.deploy.images import Image
from infra.deploy.review import Change, check
from infra.deploy.source import Source
from infra.packaging import templates
from infra.packaging.errors import PackageRefused
from tests.infra import packaged
from tests.infra.deploy.cloudformation import Clouds
from tests.infra.deploy.conftest import Shop


def test_without_credentials_or_a_region_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")

    with pytest.raises(Refused, match="no region is chosen"):
        aws.connect()
    with pytest.raises(Refused, match=r"who you are[\s\S]*aws sso login"):
        aws.connect(boto3.Session(region_name="eu-central-1"))


def test_a_commit_must_hold_all_that_is_deployed(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=T", "-c", "user.email=t@example.com"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    with pytest.raises(Refused, match="git cannot say"):
        source.look(tmp_path)
    git("init")
    (tmp_path / "app.py").write_text("1")
    git("add", ".")
    git("commit", "-m", "one")
    source.check(source.look(tmp_path), environment="production", allow_dirty=False)
    (tmp_path / "app.py").write_text("2")
    dirty = source.look(tmp_path)

    with pytest.raises(Refused, match=r"1 changes are in no commit \(app.py\)"):
        source.check(dirty, environment="dev", allow_dirty=False)
    source.check(dirty, environment="dev", allow_dirty=True)
    with pytest.raises(Refused, match=r"commit them$"):
        source.check(dirty, environment="production", allow_dirty=True)
    assert Source("0" * 40).told == "0" * 12


@pytest.mark.parametrize(
    ("change", "is_dangerous"),
    [
        (Change("Remove", "Uploads", "AWS::S3::Bucket"), True),
        (Change("Modify", "Database", "AWS::RDS::DBInstance", "Conditional"), True),
        (Change("Modify", "Key", "AWS::KMS::Key", "True"), True),
        (Change("Modify", "Database", "AWS::RDS::DBInstance"), False),
        (Change("Import", "Uploads", "AWS::S3::Bucket"), False),
        (Change("Modify", "Api", "AWS::Lambda::Function", "True"), False),
    ],
)
def test_replacing_or_removing_what_holds_data_needs_its_name(change: Change, *, is_dangerous: bool) -> None:
    assert change.is_dangerous is is_dangerous
    if is_dangerous:
        with pytest.raises(Refused, match=f"--allow-replacing {change.logical_id}"):
            check([change], ["Another"])
    check([change], [change.logical_id])


def test_the_real_template_names_its_package_and_says_what_migrates() -> None:
    template = packaged.build("dev", with_zip=False).template

    named = packages.naming(template, "bucket", f"packages/{'0f' * 32}.zip")

    given = migration.Package.in_template(named)
    assert given is not None
    assert (given.bucket, given.key) == ("bucket", f"packages/{'0f' * 32}.zip")
    assert given.settings["Handler"].endswith("migrate_database")
    assert migration.Package.in_template(template) is None, "a package that is not uploaded is none"
    codes = [each["Properties"].get("CodeUri") for each in named["Resources"].values()]
    assert "./deployment.zip" not in codes
    assert "EndpointURL" in template["Outputs"], "where the smoke test looks"


def test_a_migration_that_cannot_be_called_says_so(account: tuple[Aws, Clouds]) -> None:
    connected, clouds = account
    clouds.codes["migrate"], clouds.migration_error = f"packages/{'ab' * 32}.zip", "lock timeout"

    with pytest.raises(Failed, match="the migration failed: lock timeout"):
        migration.run(connected.functions, "migrate")
    assert connected.functions.meta.config.retries["total_max_attempts"] == 1, "a migration is never sent twice"
    assert connected.functions.meta.config.read_timeout > 900


ROOT = packaged.ROOT
PROGRAM = """#!/bin/sh
echo "$@" >>LOG
case "$1" in
    login) cat >>LOG; echo >>LOG;;
    FAILS) echo "no space" >&2; exit 1;;
esac
"""


@pytest.fixture
def image(tmp_path: Path) -> Image:
    (tmp_path / "root" / "scanner").mkdir(parents=True)
    (tmp_path / "root" / "Dockerfile").write_text("FROM scratch")
    (tmp_path / "root" / "Dockerfile.dockerignore").write_text("*\n!scanner\n**/__pycache__\n")
    (tmp_path / "root" / "scanner" / "serve.py").write_text("1")
    return Image("ScannerImage", "ScannerRepository", tmp_path / "root", "Dockerfile")


@pytest.fixture
def asking_for_images(shop: Shop, image: Image, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A template that makes a repository and takes an image of it."""
    shop.resources = {"ScannerRepository": {"Type": "AWS::ECR::Repository"}}
    shop.parameters = {"ScannerImage": {"Type": "String", "Default": ""}}
    monkeypatch.setattr(images, "known", lambda _root: [image])
    return shop


def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, fails_at: str = "nothing") -> Path:
    """A program that writes down how it was called; where."""
    folder, log = tmp_path / "bin", tmp_path / "log"
    folder.mkdir(exist_ok=True)
    (folder / "docker").write_text(PROGRAM.replace("LOG", str(log)).replace("FAILS", fails_at))
    (folder / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return log


def make_repository(shop: Shop) -> str:
    """What CloudFormation would make of the template."""
    name = "recruitpro-dev-scannerrepository"
    known = [each["repositoryName"] for each in shop.account.ecr.describe_repositories()["repositories"]]
    if name not in known:
        shop.account.ecr.create_repository(repositoryName=name)
    return name


def test_a_new_account_gets_its_images_after_the_repositories_for_them(
    asking_for_images: Shop, image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, log = asking_for_images, docker(tmp_path, monkeypatch)
    name = make_repository(shop)

    release = deploy(shop.place(), Wish(is_agreed=True))

    address = release.parameters["ScannerImage"]
    assert address.endswith(f"/{name}:{image.tag()}")
    build, login, password, push = log.read_text().splitlines()
    assert build == f"build --platform linux/arm64 --file {image.root}/Dockerfile --tag {address} {image.root}"
    assert login.endswith(f"--password-stdin {address.split('/')[0]}")
    assert password not in login
    assert push == f"push {address}"
    assert shop.clouds.stacks["recruitpro-dev"].parameters["ScannerImage"] == address
    assert shop.clouds.calls.count("ExecuteChangeSet") == 2

    manifest = '{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}'
    shop.account.ecr.put_image(repositoryName=name, imageManifest=manifest, imageTag=image.tag())
    log.unlink()
    assert deploy(shop.place(), Wish(is_agreed=True)).number == 1
    assert not log.exists(), "what the registry has is not built again"
    (image.root / "scanner" / "serve.py").write_text("2")
    assert image.tag() not in address


def test_where_nothing_builds_images_nothing_is_begun(
    asking_for_images: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))

    with pytest.raises(Refused, match="neither docker nor podman here"):
        deploy(asking_for_images.place(), Wish(is_agreed=True))

    assert "ExecuteChangeSet" not in asking_for_images.clouds.calls


def test_an_image_that_does_not_build_says_why_and_what_runs(
    asking_for_images: Shop, image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker(tmp_path, monkeypatch, fails_at="build")
    make_repository(asking_for_images)
    (image.root / "scanner" / "serve.py").write_text("another that the registry has not")

    with pytest.raises(Failed, match=r"docker build failed: no space[\s\S]*Everything else is deployed"):
        deploy(asking_for_images.place(), Wish(is_agreed=True))


def test_only_images_that_the_template_asks_for_and_nobody_gave_are_made(image: Image) -> None:
    template = {"Parameters": {"ScannerImage": {"Type": "String"}}}
    another = Image("AnotherImage", "AnotherRepository", image.root, "Dockerfile")

    assert images.wanted([image, another], template, {}) == [image]
    assert images.wanted([image, another], template, {"ScannerImage": "registry/mine:1"}) == []


def test_each_image_is_named_by_all_that_goes_into_it() -> None:
    template = templates.joined({path.name: templates.read(path) for path in (ROOT / "infra/templates").glob("*.yaml")})
    scanner, export = images.known(ROOT)

    for image in (scanner, export):
        assert template["Resources"][image.repository]["Type"] == "AWS::ECR::Repository"
        assert re.fullmatch(
            template["Parameters"][image.parameter]["AllowedPattern"],
            f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/recruitpro-dev/x:{image.tag()}",
        )
        taken = {path.relative_to(ROOT).as_posix() for path in image.sources()}
        copied = re.findall(r"^COPY (.+) \S+$", (ROOT / image.dockerfile).read_text(), re.MULTILINE)
        for source_path in " ".join(copied).split():
            assert any(each == source_path or each.startswith(f"{source_path.rstrip('/')}/") for each in taken), (
                source_path
            )
        assert not any("__pycache__" in each for each in taken)


def test_each_ending_has_its_exit_code(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_place", lambda told, _steps: shop.place(told.environment))
    deploying = ["deploy", "--environment", "dev", "--yes"]

    assert command.main(deploying) == 0
    assert command.main(["diff", "--environment", "dev"]) == 0
    assert command.main(["rollback", "--environment", "dev", "--yes"]) == 2
    shop.code, shop.clouds.migration_error = "two", "[bold]not markup[/]"
    assert command.main(deploying) == 1
    assert command.main(["destroy", "--environment", "production", "--yes"]) == 2
    assert command.main(["destroy", "--environment", "dev", "--yes"]) == 0
    assert command.main(["deploy", "--environment", "prod"]) == 2

    told = capsys.readouterr().out
    assert "[bold]not markup[/]" in told
    assert "there is no environment 'prod': dev, staging, production" in told


def test_an_interrupt_before_anything_was_executed_says_so(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_place", lambda told, _steps: shop.place(told.environment))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shop, "package", interrupt)
    assert command.main(["diff", "--environment", "dev"]) == 130
    assert "nothing was executed" in capsys.readouterr().out


def test_nobody_agrees_where_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(Refused, match="YES=1"):
        command._confirm("Deploy?")


def test_a_package_made_before_must_be_of_this_code_and_environment(tmp_path: Path) -> None:
    templates_alone = packaged.build("staging", with_zip=False)
    with pytest.raises(PackageRefused, match="holds no package"):
        command._made_before(tmp_path)("staging", tmp_path / "taken")
    with pytest.raises(PackageRefused, match="no whole package of staging"):
        command._made_before(templates_alone.folder)("staging", tmp_path / "taken")
