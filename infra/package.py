"""Makes the package that is deployed: `python -m infra.package --environment dev`.

A clean copy goes through `chalice package` together with infra/templates; its zip loses what Lambda never needs and
gains bytecode; the result is checked. docs/decisions/0004 says why each step is there.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from infra.packaging import archive, chalice, checks, gateway, interpreter, staging, templates
from infra.packaging.archive import Archive
from infra.packaging.errors import PackageRefused
from infra.packaging.interpreter import Interpreter

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT / "infra" / "templates"
ARCHITECTURES = ("arm64", "x86_64")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be packaged; without an `architecture` the one that config.json names."""

    environment: str
    architecture: str | None = None


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 with a package, 1 with one line that says why there is none."""
    parser = argparse.ArgumentParser(prog="python -m infra.package", description=__doc__)
    parser.add_argument("--environment", required=True, help="dev, staging or production")
    parser.add_argument("--output", type=Path, default=Path("build/package"), help="folder of the result")
    parser.add_argument("--architecture", choices=ARCHITECTURES, help="instead of the one in .chalice/config.json")
    parser.add_argument("--template-only", action="store_true", help="make and check the template, without the zip")
    told = parser.parse_args(arguments)
    try:
        known = staging.environments(ROOT)
        if told.environment not in known:
            raise PackageRefused(f"there is no environment {told.environment!r} to package for: {', '.join(known)}")
        make(Wish(told.environment, told.architecture), told.output, with_zip=not told.template_only)
    except PackageRefused as refusal:
        print(f"error: {refusal}", file=sys.stderr)
        return 1
    return 0


def make(wish: Wish, output: Path, *, with_zip: bool = True) -> dict[str, Any]:
    """Make the package in `output` and return its manifest; raises PackageRefused and then leaves no package behind."""
    chosen = interpreter.choose()
    if not chosen.is_wanted:
        print(f"WARNING: no Python {' or '.join(interpreter.RUNTIMES)} here: the runtime will be {chosen.version}, "
              "that of the Python at hand", flush=True)  # fmt: skip
    _empty(output)
    try:
        python = interpreter.environment_of(chosen, ROOT)
        with tempfile.TemporaryDirectory(prefix="recruitpro-package-") as name:
            return _make_in(Path(name), wish, output, python, chosen, with_zip=with_zip)
    except BaseException:  # Ctrl-C too: half a package must not be taken for one
        shutil.rmtree(output)
        raise


def _empty(output: Path) -> None:
    """Make `output` an empty folder. What it held is removed only if it was a package; else PackageRefused."""
    if output.exists() and not (output / "manifest.json").exists() and (not output.is_dir() or any(output.iterdir())):
        raise PackageRefused(f"{output} holds something other than a package: name another folder by --output")
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)


def _make_in(
    work: Path, wish: Wish, output: Path, python: Path, chosen: Interpreter, *, with_zip: bool
) -> dict[str, Any]:
    staged, made = work / "staged", work / "made"
    staging.stage(ROOT, staged, architecture=wish.architecture)
    if not with_zip:
        (staged / "requirements.txt").write_text("")  # only the zip needs the libraries
    templates.write(templates.for_environment(TEMPLATES, wish.environment), work / "merge.json")
    _say(f"chalice package for {wish.environment}, with Python {chosen.version}")
    chalice.validate(python, staged, wish.environment)
    chalice.package(python, staged, wish.environment, work / "merge.json", made)
    template = json.loads((made / "sam.json").read_text())
    gateway.ask_the_alias(template)
    templates.write(template, output / "sam.json")
    template, remarks = _checked(output / "sam.json")
    manifest = {**_manifest(wish, template, python, chosen), "linter_remarks": remarks}
    if with_zip:
        manifest["package"] = asdict(_packed(made / "deployment.zip", work / "task", output, python))
    (output / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    _say(f"in {output}: {', '.join(sorted(path.name for path in output.iterdir()))}")
    return manifest


def _packed(chalices_zip: Path, task: Path, output: Path, python: Path) -> Archive:
    archive.unpack(chalices_zip, task)
    archive.add_bytecode(task, python)
    packed = archive.pack(task, output / "deployment.zip")
    _say(f"{packed.zipped_bytes / 1e6:.1f} MB zipped, {packed.unzipped_bytes / 1e6:.1f} MB unzipped")
    return packed


def _checked(path: Path) -> tuple[dict[str, Any], list[str]]:
    """The template at `path`, and what the linter remarks short of an error."""
    template: dict[str, Any] = json.loads(path.read_text())
    checks.check_no_leftovers(template)
    checks.check_partial_batches(template)
    remarks = checks.lint(path, os.environ.get("AWS_DEFAULT_REGION", chalice.REGION))
    for remark in remarks:
        _say(f"cfn-lint: {remark}")
    return template, remarks


def _manifest(wish: Wish, template: dict[str, Any], python: Path, chosen: Interpreter) -> dict[str, Any]:
    architectures = {function["Architectures"][0] for function in checks.functions(template).values()}
    return {
        "environment": wish.environment,
        "runtime": checks.runtime(template),
        "architecture": architectures.pop(),
        "handlers": checks.handlers(template),
        "python": str(python),
        "python_chosen": str(chosen.executable),
        "chalice": interpreter.chalice_pin(ROOT),
        "source": staging.digest(ROOT),
    }


def _say(line: str) -> None:
    print(f"package: {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
