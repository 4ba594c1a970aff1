"""How a container starts: with everything at once, or with what its first request asks for."""

from __future__ import annotations

import os
from collections.abc import Mapping


def loads_by_request(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this process is a container that somebody waits for: one of Lambda's, and none that is initialized ahead
    of all requests, for a snapshot or by provisioned concurrency. It works on one request at a time."""
    return "AWS_LAMBDA_FUNCTION_NAME" in environ and environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") in {
        None,
        "on-demand",
    }
