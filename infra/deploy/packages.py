"""From a package in a folder to one in the deployment bucket, with the template that names it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from infra.deploy.bucket import Bucket

Template = dict[str, Any]
MAX_TEMPLATE_BYTES = 1_000_000  # what CloudFormation reads from S3 at most


def upload(folder: Path, bucket: Bucket) -> tuple[str, str, Template]:
    """Store the package in `folder` (infra.package); the keys of template and package, and the template."""
    package_key, _ = bucket.put_file("packages", folder / "deployment.zip")
    template = naming(json.loads((folder / "sam.json").read_text()), bucket.name, package_key)
    template_key, _ = bucket.put_json("templates", template)
    return template_key, package_key, template


def naming(template: Template, bucket: str, key: str) -> Template:
    """`template` whose functions take their code from `key` of `bucket`."""
    named = copy.deepcopy(template)
    for resource in named["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function" and "CodeUri" in resource["Properties"]:
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
    return named
