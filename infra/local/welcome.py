"""What a developer reads when the stack is running."""

from __future__ import annotations

import json
import shlex
from typing import Any


def introduction(url: str, login: dict[str, Any]) -> list[str]:
    """The address, the demo login, and three lines to paste into a shell."""
    body = shlex.quote(json.dumps({"email": login["email"], "password": login["password"]}))
    extract = """python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])'"""
    bearer = '-H "Authorization: Bearer $TOKEN"'
    return [
        f"RecruitPro is running at {url} (API description: {url}/api/docs)",
        f"Demo login: {login['email']} / {login['password']}",
        "Try it:",
        f"  TOKEN=$(curl -sS {url}/api/auth/login -H 'Content-Type: application/json' -d {body} | {extract})",
        f"  curl -sS {url}/api/positions {bearer}",
        f"  curl -sS '{url}/api/candidates/search?q=python' {bearer}",
        "Watch a résumé become a screened candidate: make demo",
    ]
