"""What chalice leaves open about API Gateway: what it answers by itself, without asking the app (problem documents and
headers like the app's own), and which version of the app it asks."""

from __future__ import annotations

from typing import Any

from chalicelib.http import answers

NOT_FOUND = (404, "Not found", "not_found", "there is nothing at this address")
FORBIDDEN = (403, "Not allowed", "forbidden", "this request was refused before it reached the application")
BROKEN = (
    500,
    "Internal error",
    "internal_error",
    "something went wrong on our side; the request id helps us to find it",
)
TOO_LATE = (504, "Took too long", "gateway_timeout", "this took longer than 29 seconds; what was asked may yet be done")

# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
RESPONSES: dict[str, tuple[int, str, str, str]] = {
    # What the gateway calls a missing token is a path that no route has.
    "MISSING_AUTHENTICATION_TOKEN": NOT_FOUND,
    "RESOURCE_NOT_FOUND": NOT_FOUND,
    # On such a path it takes our bearer token for a broken signature; no route of ours is signed.
    "INVALID_SIGNATURE": NOT_FOUND,
    "ACCESS_DENIED": FORBIDDEN,
    "WAF_FILTERED": FORBIDDEN,
    "UNAUTHORIZED": (401, "Sign in first", "unauthenticated", "sign in first"),
    "REQUEST_TOO_LARGE": (413, "Body too large", "body_too_large", "the request body is larger than the gateway takes"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "Wrong content type", "unsupported_media_type", "this content type is not taken"),
    "THROTTLED": (429, "Too many requests", "rate_limited", "too many requests are being made; try again shortly"),
    "QUOTA_EXCEEDED": (429, "Too many requests", "rate_limited", "too many requests are being made; try again shortly"),
    "INTEGRATION_FAILURE": (502, "Bad gateway", "bad_gateway", "the application gave no answer; try again"),
    "INTEGRATION_TIMEOUT": TOO_LATE,
    "DEFAULT_4XX": (400, "Bad request", "bad_request", "the request itself cannot be understood"),
    "DEFAULT_5XX": BROKEN,
}


# The gateway cannot choose among origins: with one frontend it names that, with several any. These answers tell
# nothing, and no cookie is ever taken.
ORIGIN: dict[str, Any] = {
    "Access-Control-Allow-Origin": {
        "Fn::If": [
            "HasOneFrontend",
            {"Fn::Sub": ["'${Origin}'", {"Origin": {"Fn::Select": [0, {"Ref": "FrontendOrigins"}]}}]},
            "'*'",
        ]
    }
}
# Written out, since cfn-lint does not know SAM's ${APIHandler.Alias}; the name stands in functions.yaml.
LATEST, ALIAS = "${APIHandler.Arn}", "${APIHandler.Arn}:live"


def ask_the_alias(template: dict[str, Any]) -> None:
    """Let the API of `template`, as chalice made it, ask the alias of its function. Chalice names the function itself,
    whose newest code has no snapshot to start from (SnapStart)."""
    resources = template["Resources"]
    for operations in resources["RestAPI"]["Properties"]["DefinitionBody"]["paths"].values():
        for operation in operations.values():
            integration = operation.get("x-amazon-apigateway-integration", {})
            if "uri" in integration:
                integration["uri"] = {"Fn::Sub": integration["uri"]["Fn::Sub"].replace(LATEST, ALIAS)}
    # Who may ask the function may not ask its alias, and nobody else is to.
    resources["APIHandlerInvokePermission"]["Properties"]["FunctionName"] = {"Ref": "APIHandler.Alias"}


def responses() -> dict[str, Any]:
    """`GatewayResponses` of the API, as SAM takes them."""
    return {name: _response(*told) for name, told in RESPONSES.items()}


def _response(status: int, title: str, code: str, detail: str) -> dict[str, Any]:
    headers = {
        **answers.security_headers(is_https=True),
        "Content-Type": answers.PROBLEM,
        "X-Request-Id": "context.requestId",
        "Access-Control-Expose-Headers": answers.EXPOSED,
    }
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 429:
        headers["Retry-After"] = "1"
    return {
        "StatusCode": status,
        "ResponseParameters": {"Headers": {name: _mapped(value) for name, value in headers.items()} | ORIGIN},
        "ResponseTemplates": {
            "application/json": answers.problem(status, title, code, detail, "$context.requestId"),
        },
    }


def _mapped(value: str) -> str:
    """`value` as a mapping of the gateway: a variable as it is, a literal in single quotes (which it cannot hold)."""
    if value.startswith("context."):
        return value
    return f"'{value}'"
