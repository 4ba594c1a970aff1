"""A Chalice app that answers what it was asked, to test the server by."""

from __future__ import annotations

import threading
from typing import Any

from chalice.app import AuthResponse, Chalice, Request, Response

app = Chalice("small")


def current() -> Request:
    assert app.current_request is not None
    return app.current_request


together = threading.Barrier(2, timeout=5)


@app.authorizer()
def signed_in(request: Any) -> AuthResponse:
    return AuthResponse(routes=["*"] if request.token == "yes" else [], principal_id="u-1")


@app.route("/echo/{word}", methods=["GET", "POST"])
def echo(word: str) -> dict[str, Any]:
    request = current()
    query, raw = request.query_params, request.raw_body
    return {
        "word": word,
        "method": request.method,
        "query": dict(query) if query else None,
        "body": raw if isinstance(raw, str) else raw.decode(),
        "source_ip": request.context["identity"]["sourceIp"],
    }


@app.route("/echo/literal", methods=["GET"])
def literal() -> Response:
    return Response("found", headers={"Content-Type": "text/plain", "Set-Cookie": ["a=1", "b=2"]})


@app.route("/private", methods=["GET"], authorizer=signed_in)
def private() -> dict[str, str]:
    return {"who": current().context["authorizer"]["principalId"]}


@app.route("/together/{name}", methods=["GET"])
def wait(name: str) -> dict[str, Any]:
    together.wait()
    return {"name": (current().uri_params or {})["name"]}


@app.route("/nothing", methods=["DELETE"])
def nothing() -> Response:
    return Response("", status_code=204)
