"""The package under test: built once for exactly this content, unpacked, and run as Lambda would run it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra import package
from infra.packaging import interpreter, staging

ROOT = package.ROOT
RUNNER = Path(__file__).with_name("run_packaged.py")
REGION, ACCOUNT = "eu-central-1", "123456789012"
STALE_SECONDS = 3600
FILES = ("sam.json", "manifest.json", "sources.json")
Template = dict[str, Any]

# Stand-ins for what CloudFormation knows only at deployment.
KNOWN_AT_DEPLOYMENT = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "UploadBucket": f"recruitpro-dev-uploads-{ACCOUNT}",
    "CleanBucket": f"recruitpro-dev-clean-{ACCOUNT}",
    "QuarantineBucket": f"recruitpro-dev-quarantine-{ACCOUNT}",
    "QuarantineDays": "90",
    "ExportBucket": f"recruitpro-dev-exports-{ACCOUNT}",
    "BackupBucket": f"recruitpro-dev-backups-{ACCOUNT}",
    "TokenSecret": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:TokenSecret-a1b2c3",
    "MetricsToken": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:MetricsToken-a1b2c3",
    "DatabaseProxy.Endpoint": "127.0.0.1",
    "Database.Endpoint.Port": "1",  # nothing listens there
    "Webhooks": "true",
    **{
        f"{name}Queue": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/recruitpro-dev-{name.lower()}"
        for name in ("Scan", "High", "Default", "Low", "Webhook")
    },
    **{
        f"{name}DeadLetters": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/recruitpro-dev-{name.lower()}-dlq"
        for name in ("Scan", "High", "Default", "Low", "Webhook")
    },
}


@dataclass(frozen=True, slots=True)
class Built:
    """A finished package: its folder, template and manifest, and the paths of our own files that went into it."""

    folder: Path
    template: Template
    manifest: dict[str, Any]
    sources: list[str]

    @property
    def zip(self) -> Path:
        return self.folder / "deployment.zip"


def build(environment: str, *, with_zip: bool) -> Built:
    """The package for this machine's processor, from `build/` when the same content was built before."""
    also = [path.read_text() for folder in ("infra/templates", "infra/packaging") for path in _files(ROOT / folder)]
    also += [interpreter.choose().version, interpreter.chalice_pin(ROOT), (ROOT / "infra/package.py").read_text()]
    content = staging.digest(ROOT, *also)
    shelf = ROOT / "build" / "tested"
    shelf.mkdir(parents=True, exist_ok=True)
    whole = shelf / f"{environment}-whole-{content}"
    with interpreter.locked(shelf / f"{environment}-{with_zip}.lock"):
        # A whole package has the template that would be made without the zip.
        folder = whole if with_zip or _is_made(whole) else shelf / f"{environment}-template-{content}"
        if not _is_made(folder):
            _clear(shelf)
            # Taken down now: somebody may be adding a module while the tests run.
            sources = [path for _, path in staging.sources(ROOT)]
            package.make(package.Wish(environment, "x86_64"), folder, with_zip=with_zip)
            (folder / "sources.json").write_text(json.dumps(sources))
    return Built(folder, *(json.loads((folder / file).read_text()) for file in FILES))


def _is_made(folder: Path) -> bool:
    return all((folder / file).exists() for file in FILES)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def _clear(shelf: Path) -> None:
    for old in shelf.iterdir():
        if old.is_dir() and time.time() - old.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(old, ignore_errors=True)


def unpack(built: Built, folder: Path) -> Path:
    """Unpack the zip as Lambda does; returns the task's root."""
    with zipfile.ZipFile(built.zip) as packed:
        packed.extractall(folder)
    return folder


def resolve(value: Any, template: Template) -> Any:
    """`value` of a template as CloudFormation would make it, with stand-ins for what it alone knows."""
    match value:
        case {"Ref": str(name)} if name in KNOWN_AT_DEPLOYMENT:
            return KNOWN_AT_DEPLOYMENT[name]
        case {"Fn::GetAtt": [str(name), str(attribute)]} if f"{name}.{attribute}" in KNOWN_AT_DEPLOYMENT:
            return KNOWN_AT_DEPLOYMENT[f"{name}.{attribute}"]
        case {"Ref": str(name)}:
            default = template["Parameters"][name]["Default"]
            is_list = template["Parameters"][name]["Type"] == "CommaDelimitedList"
            return default.split(",") if is_list else str(default)
        case {"Fn::Join": [separator, parts]}:
            return separator.join(resolve(parts, template))
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([\w:]+)\}", lambda name: str(resolve({"Ref": name[1]}, template)), text)
        case _:
            return value


def variables(template: Template) -> dict[str, str]:
    """What the functions of `template` are told."""
    told = template["Globals"]["Function"]["Environment"]["Variables"]
    return {name: resolve(value, template) for name, value in told.items()}


def run(built: Built, task: Path, handler: str, event: object, *, also: Mapping[str, str] = {}) -> dict[str, Any]:
    """What comes of calling `handler` with `event` in a process of its own, far from the repository."""
    outside = task.parent
    outcome = outside / f"{handler}.json"
    # Lambda unpacks into /var/task, which is not ours here.
    told = {name: value.replace("/var/task", str(task)) for name, value in variables(built.template).items()}
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_EC2_METADATA_DISABLED": "true",
        **told,
        "RECRUITPRO_AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "RECRUITPRO_CLAMD_HOST": "127.0.0.1",
        "RECRUITPRO_CLAMD_PORT": "1",
        **also,
    }
    command = [built.manifest["python"], "-I", "-S", "-B", RUNNER, task, handler, json.dumps(event), outcome]
    done = subprocess.run(
        command, cwd=outside, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr or done.stdout
    told_back: dict[str, Any] = json.loads(outcome.read_text())
    return told_back


def translate(template: Template) -> Template:
    """`template` as SAM hands it to CloudFormation, made offline."""
    import boto3
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    whole = json.loads(json.dumps(template))
    for resource in whole["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": "packages", "Key": "deployment.zip"}
    session = boto3.Session(region_name=REGION)
    translator = Translator(managed_policy_map={}, sam_parser=Parser(), boto_session=session)
    translated: Template = translator.translate(whole, {"Environment": "dev"})
    return translated
