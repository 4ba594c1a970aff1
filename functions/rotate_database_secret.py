"""Once a month, asked by Secrets Manager in four steps: a new password for the application's role."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib import clients, reporting
from chalicelib.auth.rotation import RotationRefused
from chalicelib.logs import log, log_context
from chalicelib.migrations import app_password
from chalicelib.settings import settings

functions = Blueprint(__name__)
reporting.start()


@functions.lambda_function(name="rotate_database_secret")
def rotate_database_secret(event: dict[str, Any], _context: Any) -> None:
    """One step; raises what went wrong, so that Secrets Manager asks again. The event names no secret but ours."""
    step, arn = str(event["Step"]), event["SecretId"]
    with log_context(function="rotate_database_secret", step=step):
        try:
            if arn != settings().database_app_secret_arn:
                raise RotationRefused("this function rotates the password of the application's role and no other")
            app_password.rotate(settings(), clients.vault(arn), event["ClientRequestToken"], step)
        except Exception as error:
            log.exception("function_broke")
            reporting.report(error)
            raise
