"""AWS on this machine: moto's server with S3 objects that outlive it.

Run as `python -m infra.local.aws --port 4566 --state .local/s3`. moto keeps everything in memory; this process writes
each object version to the state folder before the request that stored it is answered, and loads them at start with
the same version ids, because documents.version_id in PostgreSQL points at them. Queues start empty: a message is only
a reminder of a row, and the sweep sends it again.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

import click

from infra.local.object_store import ObjectStore
from infra.local.processes import HOST

# Requests that cannot change an object, or (JSON protocol: SQS, ...) are not S3's.
READING = {"GET", "HEAD", "OPTIONS"}
type_of_answer = Iterable[bytes]
MAILS = "/mails.json"


def serve(port: int, state: Path, *, region: str) -> Any:
    """The server, bound to the port and with the stored objects loaded; call its `serve_forever()`."""
    # Objects up to this size stay in memory; the default spills them to temporary files early.
    os.environ.setdefault("MOTO_S3_DEFAULT_KEY_BUFFER_SIZE", str(16 * 1024 * 1024))
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    class QuietRequestHandler(MotoRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Nothing: the pump polls all day, and a log of that hides what matters."""

    store = ObjectStore(state)
    store.load(region)
    store.watch()
    name_versions_in_notifications()
    application = _telling_mails(_saving(DomainDispatcherApplication(create_backend_app), store))
    return make_server(HOST, port, application, threaded=True, request_handler=QuietRequestHandler)


def name_versions_in_notifications() -> None:
    """S3 names the version in its notifications for a versioned bucket; moto leaves it out."""
    from moto.s3 import notifications

    original = notifications._get_s3_event

    def with_version(event_name: str, bucket: Any, key: Any, notification_id: str) -> Any:
        event = original(event_name, bucket, key, notification_id)
        if bucket.is_versioned:
            event["Records"][0]["s3"]["object"]["versionId"] = key.version_id
        return event

    notifications._get_s3_event = with_version


def _saving(application: Callable[..., type_of_answer], store: ObjectStore) -> Callable[..., type_of_answer]:
    """`application`, with what a request changed saved before its answer is sent."""

    def answer(environ: dict[str, Any], start_response: Any) -> type_of_answer:
        if environ["REQUEST_METHOD"] in READING or "HTTP_X_AMZ_TARGET" in environ:
            return application(environ, start_response)
        body = application(environ, start_response)
        store.save_changes()
        return body

    return answer


def _telling_mails(application: Callable[..., type_of_answer]) -> Callable[..., type_of_answer]:
    """`application`, which also answers GET /mails.json: what was handed to SES, oldest first. moto's own report lists
    everything it holds, and breaks on some of it."""

    def answer(environ: dict[str, Any], start_response: Any) -> type_of_answer:
        if environ["PATH_INFO"] != MAILS or environ["REQUEST_METHOD"] != "GET":
            return application(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(_mails()).encode()]

    return answer


def _mails() -> list[dict[str, Any]]:
    from moto.ses.models import ses_backends

    backends = [backend for account in list(ses_backends.values()) for backend in list(account.values())]
    return [
        {"id": mail.id, "source": mail.source, "destinations": mail.destinations, "raw_data": mail.raw_data}
        for backend in backends
        for mail in list(backend.sent_messages)
        if hasattr(mail, "raw_data")
    ]


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--state", type=click.Path(path_type=Path), required=True)
@click.option("--region", required=True)
def main(port: int, state: Path, region: str) -> None:
    """Serve S3, SQS and the rest of moto on 127.0.0.1, with objects kept in the state folder."""
    server = serve(port, state, region=region)

    def stop(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever()


if __name__ == "__main__":
    main()
