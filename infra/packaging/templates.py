"""The templates of infra/templates, one per concern, made into the one that chalice merges into its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cfnlint.decode import cfn_yaml

from infra.packaging import gateway
from infra.packaging.errors import PackageRefused

Template = dict[str, Any]


def for_environment(folder: Path, environment: str) -> Template:
    """All templates of `folder` in one, for `environment` and no other; raises PackageRefused."""
    whole = joined({path.name: read(path) for path in sorted(folder.glob("*.yaml"))})
    whole["Parameters"]["Environment"] |= {"Default": environment, "AllowedValues": [environment]}
    whole["Resources"]["RestAPI"]["Properties"]["GatewayResponses"] = gateway.responses()
    return whole


def read(path: Path) -> Template:
    """The template in `path`, its short forms (`!Ref`) written out; raises PackageRefused."""
    try:
        # Through JSON, so that nothing is left of the parser's own kinds of dict and str.
        template: Template = json.loads(json.dumps(cfn_yaml.loads(path.read_text())))
    except Exception as mistake:
        reason = " ".join(str(mistake).split())
        raise PackageRefused(f"{path.name} cannot be read: {reason}") from mistake
    return template


def joined(templates: dict[str, Template]) -> Template:
    """`templates` (by file name) side by side; raises PackageRefused when two define the same thing."""
    whole: Template = {}
    for file, template in templates.items():
        for section, content in template.items():
            target = whole.setdefault(section, {}) if isinstance(content, dict) else whole
            named = content if isinstance(content, dict) else {section: content}
            taken = sorted(set(target) & set(named))
            if taken:
                raise PackageRefused(f"{file} defines {section} {taken[0]}, which another template defines already")
            target.update(named)
    return whole


def write(template: Template, path: Path) -> None:
    """Write `template` as the JSON that chalice takes."""
    path.write_text(json.dumps(template, indent=1))
