"""Container images that the template asks for: built of one folder each, named by its content, never overwritten."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.aws import Aws, code_of
from infra.deploy.errors import Refused

ENGINES = ("docker", "podman")
BUILD_SECONDS, PUSH_SECONDS = 1800, 1800


@dataclass(frozen=True, slots=True)
class Image:
    """An image that the template takes as `parameter`, built of `folder` (with its Dockerfile)."""

    parameter: str
    repository: str
    folder: Path
    platform: str = "linux/arm64"

    def tag(self) -> str:
        """16 hex digits for exactly what lies in the folder, names included."""
        whole = hashlib.sha256(self.platform.encode())
        for path in sorted(each for each in self.folder.rglob("*") if each.is_file()):
            if "__pycache__" not in path.parts:
                whole.update(f"\0{path.relative_to(self.folder).as_posix()}\0".encode() + path.read_bytes())
        return whole.hexdigest()[:16]


def known(root: Path) -> list[Image]:
    """The images of this repository."""
    infra = root / "infra"
    return [
        Image("ScannerImage", "recruitpro/scanner", infra / "scanner"),
        Image("LogicalExportImage", "recruitpro/logical-export", infra / "logical_export"),
    ]


def wanted(images: list[Image], template: Mapping[str, Any], parameters: Mapping[str, str]) -> list[Image]:
    """Those that the template has a parameter for and nobody gave another image for."""
    asked = template.get("Parameters", {})
    return [image for image in images if image.parameter in asked and not parameters.get(image.parameter)]


def provide(aws: Aws, images: list[Image], *, push: bool) -> dict[str, str]:
    """The address of each image by its parameter. What the registry lacks is built and sent when `push`; raises Refused
    when that cannot be done here."""
    return {image.parameter: _provide(aws, image, push=push) for image in images}


def _provide(aws: Aws, image: Image, *, push: bool) -> str:
    tag = image.tag()
    if not push:  # only to show what would change: nothing is made, and the address is known all the same
        suffix = "amazonaws.com.cn" if aws.region.startswith("cn-") else "amazonaws.com"
        return f"{aws.account_id}.dkr.ecr.{aws.region}.{suffix}/{image.repository}:{tag}"
    uri = f"{_repository(aws, image.repository)}:{tag}"
    if not _is_there(aws, image.repository, tag):
        _build_and_push(aws, image, uri)
    return uri


def _repository(aws: Aws, name: str) -> str:
    try:
        made = aws.ecr.create_repository(
            repositoryName=name,
            imageTagMutability="IMMUTABLE",
            imageScanningConfiguration={"scanOnPush": True},
            encryptionConfiguration={"encryptionType": "AES256"},
        )
        return str(made["repository"]["repositoryUri"])
    except ClientError as error:
        if code_of(error) != "RepositoryAlreadyExistsException":
            raise
    return str(aws.ecr.describe_repositories(repositoryNames=[name])["repositories"][0]["repositoryUri"])


def _is_there(aws: Aws, repository: str, tag: str) -> bool:
    try:
        found = aws.ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
    except ClientError as error:
        if code_of(error) == "ImageNotFoundException":
            return False
        raise
    return bool(found["imageDetails"])


def _build_and_push(aws: Aws, image: Image, uri: str) -> None:
    engine = next((found for name in ENGINES if (found := shutil.which(name))), None)
    if engine is None:
        raise Refused(
            f"{image.parameter} must be built of {image.folder.name} and there is neither docker nor podman here. "
            f"Build it elsewhere (docker build --platform {image.platform} -t {uri} {image.folder.name}; docker push "
            f"{uri}), or name an image of yours: {image.parameter} in infra/environments/<environment>.local.yaml"
        )
    _run([engine, "build", "--platform", image.platform, "--tag", uri, str(image.folder)], BUILD_SECONDS)
    granted = aws.ecr.get_authorization_token()["authorizationData"][0]
    user, password = base64.b64decode(granted["authorizationToken"]).decode().split(":", 1)
    registry = uri.split("/", 1)[0]
    # By the standard input: arguments of a process can be read by everybody on the machine.
    _run([engine, "login", "--username", user, "--password-stdin", registry], 120, given=password)
    _run([engine, "push", uri], PUSH_SECONDS)


def _run(command: list[str], seconds: float, given: str | None = None) -> None:
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise Refused(f"{command[0]} {command[1]} took longer than {seconds:.0f} s") from error
    if done.returncode != 0:
        last = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()][-3:]
        raise Refused(f"{Path(command[0]).name} {command[1]} failed: {' / '.join(last) or 'no message'}")
