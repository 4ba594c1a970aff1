"""The structured logger: one JSON line per fact, a constant event name with fields, ids and no personal data."""

from __future__ import annotations

from aws_lambda_powertools import Logger

from chalicelib.settings import settings

log = Logger(service="recruitpro", level=settings().log_level, utc=True, log_uncaught_exceptions=False)
