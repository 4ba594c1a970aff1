"""Looks into a template: resources by kind, and what their roles may do."""

from __future__ import annotations

import json
from typing import Any

from tests.infra.packaged import Template


def properties(template: Template, name: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][name]["Properties"]
    return found


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {name: made["Properties"] for name, made in template["Resources"].items() if made["Type"] == kind}


def function_roles(template: Template) -> dict[str, dict[str, Any]]:
    """The roles that functions take on; services of AWS have roles of their own."""
    roles = of_type(template, "AWS::IAM::Role").items()
    return {
        name: role for name, role in roles if "lambda.amazonaws.com" in json.dumps(role["AssumeRolePolicyDocument"])
    }


def statements(template: Template, role: str) -> list[dict[str, Any]]:
    """What the policies of `role` itself allow; of a statement on a condition, what it allows when that holds."""
    policies = properties(template, role)["Policies"]
    found = [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
    return [each["Fn::If"][1] if "Fn::If" in each else each for each in found]


def actions(found: list[dict[str, Any]]) -> set[str]:
    listed = [statement["Action"] for statement in found]
    return {action for each in listed for action in ([each] if isinstance(each, str) else each)}


def allowed_on(template: Template, role: str, action: str) -> set[str]:
    """The resources, as text, on which `role` may do `action`."""
    found = [statement["Resource"] for statement in statements(template, role) if action in actions([statement])]
    each = [resource for resources in found for resource in (resources if isinstance(resources, list) else [resources])]
    return {json.dumps(resource) for resource in each}


def queue_arns(*names: str) -> set[str]:
    return {json.dumps({"Fn::GetAtt": [f"{name}Queue", "Arn"]}) for name in names}
