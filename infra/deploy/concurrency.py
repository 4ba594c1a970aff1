"""Whether the account may run as much at once as the template reserves: AWS would say so in the middle of a stack."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.errors import Refused
from infra.deploy.place import Place

# What Lambda keeps for functions that reserve nothing; it refuses a reservation that would leave less.
UNRESERVED = 100
QUOTA = "L-B99A9384"  # "Concurrent executions" of Lambda


def reserved(template: dict[str, Any], parameters: dict[str, str]) -> int:
    """How many runs at once the functions of `template` reserve together."""
    made = [each.get("Properties", {}) for each in template["Resources"].values()]
    asked = [each["ReservedConcurrentExecutions"] for each in made if "ReservedConcurrentExecutions" in each]
    return sum(int(_value(each, template, parameters)) for each in asked)


def _value(asked: Any, template: dict[str, Any], parameters: dict[str, str]) -> Any:
    match asked:
        case {"Ref": str(name)}:
            return parameters[name] if name in parameters else template["Parameters"][name]["Default"]
        case _:
            return asked


def check(place: Place, template: dict[str, Any], parameters: dict[str, str]) -> None:
    """Raises Refused when the account's limit is too low, with the command that raises it."""
    wanted = reserved(template, parameters)
    if not wanted:
        return
    try:
        limit = place.aws.functions.get_account_settings()["AccountLimit"]
    except ClientError as error:
        place.steps.say(f"! the account's limit of concurrent executions is not known: {error}")
        return
    is_new = place.stack.physical_id("APIHandler") is None
    # What an existing stack has reserved is its own; whatever else reserves is not told apart.
    free = limit["UnreservedConcurrentExecutions"] if is_new else limit["ConcurrentExecutions"]
    if free < wanted + UNRESERVED:
        whole = limit["ConcurrentExecutions"] - free + wanted + UNRESERVED
        raise Refused(
            f"Lambda may run {limit['ConcurrentExecutions']} at once in this account and region, of which {free} are "
            f"free, and {place.environment} reserves {wanted} beside the {UNRESERVED} that AWS leaves to others. Ask "
            "for more (new accounts begin with 10): aws service-quotas request-service-quota-increase "
            f"--service-code lambda --quota-code {QUOTA} --desired-value {max(1000, whole)}\n"
            "Smaller ApiConcurrency and ...Consumers need less: infra/environments/"
            f"{place.environment}.local.yaml"
        )
