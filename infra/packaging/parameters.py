"""What an environment's template is told: the values of infra/environments, checked before AWS is asked anything.

`dev.yaml` is everybody's. `dev.local.yaml` beside it, which git does not take, holds what belongs to whoever deploys
(domain, certificate, origins, addresses) and wins.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from infra.packaging import templates
from infra.packaging.errors import PackageRefused

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ROOT / "infra" / "environments"
TEMPLATES = ROOT / "infra" / "templates"
MADE_BY_THE_PACKAGE = "Environment"
MADE_OF_THE_OTHERS = "SettingsDigest"
NOT_SET_BY_HAND = (MADE_BY_THE_PACKAGE, MADE_OF_THE_OTHERS)
SENTRY_ADDRESSES = ("SentryAddressA", "SentryAddressB", "SentryAddressC")
Values = dict[str, str]


def parameters_of(environment: str, *, folder: Path = ENVIRONMENTS, template_folder: Path = TEMPLATES) -> Values:
    """The parameters of `environment`, as CloudFormation takes them; raises PackageRefused naming what is wrong."""
    known = templates.joined({path.name: templates.read(path) for path in sorted(template_folder.glob("*.yaml"))})
    values = read_values(folder / f"{environment}.yaml")
    local = folder / f"{environment}.local.yaml"
    if local.exists():
        values |= read_values(local)
    check(values, known["Parameters"])
    check_together(values)
    if MADE_OF_THE_OTHERS in known["Parameters"]:
        values[MADE_OF_THE_OTHERS] = digest(values)
    return values


def digest(values: Values) -> str:
    """16 hexadecimal digits that change with any value: by them the API's function is published anew."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def read_values(path: Path) -> Values:
    """What stands in `path`, as text; raises PackageRefused for anything but names with plain values or lists."""
    if not path.is_file():
        raise PackageRefused(f"there is no {path.name} in infra/environments")
    return {str(name): _text(path.name, name, value) for name, value in (templates.read(path) or {}).items()}


def check(values: Values, parameters: dict[str, Any]) -> None:
    """Raises PackageRefused for a parameter that the template does not have, misses, or would refuse."""
    for name, value in values.items():
        if name not in parameters or name in NOT_SET_BY_HAND:
            raise PackageRefused(f"the template has no parameter {name} that could be set")
        problem = _problem(value, parameters[name])
        if problem is not None:
            raise PackageRefused(f"{name} is {value!r}: {problem}")
    for name, parameter in parameters.items():
        if name not in values and name != MADE_BY_THE_PACKAGE and "Default" not in parameter:
            raise PackageRefused(f"{name} is missing: {parameter.get('Description', 'it has no default')}")


def check_together(values: Values) -> None:
    """Raises PackageRefused for values that are each allowed, and of which one is worth nothing without another."""
    if values.get("BackupCopyRegion") and values.get("Webhooks") != "true":
        raise PackageRefused(
            f"BackupCopyRegion is {values['BackupCopyRegion']!r}, which snapshots reach by the NAT gateway alone: it "
            "needs Webhooks: true, or leave it empty"
        )
    ranges = [values[name] for name in SENTRY_ADDRESSES if values.get(name)]
    if len(set(ranges)) < len(ranges):
        raise PackageRefused(f"SentryAddressA, B and C name the same range twice: {', '.join(ranges)}")


def _text(file: str, name: object, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(_text(file, name, each) for each in value)
    if isinstance(value, str | int | float):
        return str(value)
    raise PackageRefused(f"{file} says of {name} neither a text nor a number nor a list of them")


def _problem(value: str, parameter: dict[str, Any]) -> str | None:
    """Why CloudFormation would refuse `value`; None when it would not."""
    allowed = parameter.get("AllowedValues")
    if allowed is not None and value not in {str(each) for each in allowed}:
        return f"it must be one of {', '.join(str(each) for each in allowed)}"
    if "AllowedPattern" in parameter and re.fullmatch(parameter["AllowedPattern"], value) is None:
        return str(parameter.get("ConstraintDescription", f"it must look like {parameter['AllowedPattern']}"))
    if not parameter.get("MinLength", 0) <= len(value) <= parameter.get("MaxLength", 4096):
        return "it is too short or too long"
    return _problem_of_number(value, parameter) if parameter["Type"] == "Number" else None


def _problem_of_number(value: str, parameter: dict[str, Any]) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "it must be a number"
    if number < parameter.get("MinValue", number):
        return f"it must be {parameter['MinValue']} or more"
    if number > parameter.get("MaxValue", number):
        return f"it must be {parameter['MaxValue']} or less"
    return None
