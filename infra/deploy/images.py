"""Container images that the template asks for: built here, named by their content, never overwritten."""

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
from infra.deploy.stacks import Stack

ENGINES = ("docker", "podman")
BUILD_SECONDS, PUSH_SECONDS = 1800, 1800


@dataclass(frozen=True, slots=True)
class Image:
    """An image that the template takes as `parameter`, kept in its resource `repository`, built by `dockerfile` from
    `root`."""

    parameter: str
    repository: str
    root: Path
    dockerfile: str
    platform: str = "linux/arm64"

    def sources(self) -> list[Path]:
        """What goes into it: the Dockerfile, and what the .dockerignore beside it lets through."""
        dockerfile = self.root / self.dockerfile
        ignore = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
        let_through = [line[1:].strip() for line in ignore.read_text().splitlines() if line.startswith("!")]
        found = {dockerfile}
        for path in (self.root / each for each in let_through):
            found |= {each for each in path.rglob("*") if each.is_file()} if path.is_dir() else {path}
        return sorted(each for each in found if "__pycache__" not in each.parts)

    def tag(self) -> str:
        """16 hex digits for exactly what goes into it, names included."""
        whole = hashlib.sha256(self.platform.encode())
        for path in self.sources():
            whole.update(f"\0{path.relative_to(self.root).as_posix()}\0".encode() + path.read_bytes())
        return whole.hexdigest()[:16]


def known(root: Path) -> list[Image]:
    """The images of this repository."""
    return [
        Image("ScannerImage", "ScannerRepository", root, "infra/scanner/Dockerfile"),
        Image("ExportTaskImage", "ExportRepository", root, "infra/logical_export/Dockerfile"),
    ]


def wanted(images: list[Image], template: Mapping[str, Any], parameters: Mapping[str, str]) -> list[Image]:
    """Those that the template has a parameter for and nobody gave another image for."""
    asked = template.get("Parameters", {})
    return [image for image in images if image.parameter in asked and not parameters.get(image.parameter)]


def check(aws: Aws, stack: Stack, images: list[Image]) -> None:
    """Raises Refused when one of them is nowhere and cannot be built here."""
    for image in images:
        repository = stack.physical_id(image.repository)
        if _engine() is None and (repository is None or not _is_there(aws, repository, image.tag())):
            raise Refused(
                f"{image.parameter} must be built of {image.dockerfile} and there is neither docker nor podman here. "
                f"Deploy from where one of them is, or name an image that was built before: {image.parameter} in "
                "infra/environments/<environment>.local.yaml"
            )


def provide(aws: Aws, stack: Stack, images: list[Image], *, push: bool) -> dict[str, str]:
    """The address of each image by its parameter, without those whose repository the stack has still to make. What a
    repository lacks is built and sent when `push`; raises Refused when that fails."""
    found = {}
    for image in images:
        repository = stack.physical_id(image.repository)
        if repository is None:
            continue
        told = aws.ecr.describe_repositories(repositoryNames=[repository])["repositories"][0]
        uri = f"{told['repositoryUri']}:{image.tag()}"
        if push and not _is_there(aws, repository, image.tag()):
            _build_and_push(aws, image, uri)
        found[image.parameter] = uri
    return found


def _is_there(aws: Aws, repository: str, tag: str) -> bool:
    try:
        found = aws.ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
    except ClientError as error:
        if code_of(error) == "ImageNotFoundException":
            return False
        raise
    return bool(found["imageDetails"])


def _engine() -> str | None:
    return next((found for name in ENGINES if (found := shutil.which(name))), None)


def _build_and_push(aws: Aws, image: Image, uri: str) -> None:
    engine = _engine()
    if engine is None:
        raise Refused(f"{image.parameter} cannot be built: there is neither docker nor podman here")
    build = [engine, "build", "--platform", image.platform, "--file", str(image.root / image.dockerfile)]
    _run([*build, "--tag", uri, str(image.root)], BUILD_SECONDS)
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
