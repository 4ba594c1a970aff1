"""Every thirty days, asked by Secrets Manager in four steps: a new secret for access tokens."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib import clients, reporting
from chalicelib.auth import rotation
from chalicelib.auth.rotation import RotationRefused
from chalicelib.logs import log, log_context
from chalicelib.settings import settings

functions = Blueprint(__name__)
reporting.start()


@functions.lambda_function(name="rotate_token_secret")
def rotate_token_secret(event: dict[str, Any], _context: Any) -> None:
    """One step; raises what went wrong, so that Secrets Manager asks again. The event names no secret but ours."""
    step, arn = str(event["Step"]), event["SecretId"]
    with log_context(function="rotate_token_secret", step=step):
        try:
            if arn != settings().token_secret_arn:
                raise RotationRefused("this function rotates the secret of access tokens and no other")
            rotation.rotate(clients.vault(arn), event["ClientRequestToken"], step)
        except Exception as error:
            log.exception("function_broke")
            reporting.report(error)
            raise
