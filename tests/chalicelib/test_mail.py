"""What each failure of SES says about the message, by the real client against a server that fails on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore import exceptions as boto

from chalicelib import clients
from chalicelib.errors import RecruitProError
from chalicelib.mail import MailRefused, MailUnavailable, MailUnconfirmed, SesMail, verdict_on
from chalicelib.mail_form import OUTREACH_HEADER
from tests.fakes import black_hole, closed_port
from tests.house import Cloud


def message(sender: str = "hello@recruitpro.example") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "Zoë <zoe@example.org>", "Grüße"
    mail[OUTREACH_HEADER] = "0199"
    mail.set_content("Hallo")
    return mail


@dataclass(slots=True)
class Ses:
    """A server that answers every call with this status and code, or closes the connection (status 0)."""

    status: int
    code: str
    calls: list[dict[str, Any]] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)


@contextmanager
def serving(ses: Ses) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            ses.calls.append(json.loads(body))
            ses.connections.add(self.client_address)
            if ses.status == 0:
                self.close_connection = True
                return
            answer = json.dumps({"MessageId": "m-1"} if ses.status == 200 else {"message": "no"}).encode()
            self.send_response(ses.status)
            self.send_header("x-amzn-ErrorType", ses.code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (429, "TooManyRequestsException", MailUnavailable),
        (400, "ThrottlingException", MailUnavailable),
        (400, "LimitExceededException", MailUnavailable),
        (403, "AccessDeniedException", MailUnavailable),
        (400, "MessageRejected", MailRefused),
        (400, "MailFromDomainNotVerifiedException", MailRefused),
        (400, "AccountSuspendedException", MailRefused),
        (400, "SendingPausedException", MailRefused),
        (404, "NotFoundException", MailRefused),
        (408, "RequestTimeoutException", MailUnconfirmed),
        (500, "InternalServiceErrorException", MailUnconfirmed),
        (503, "ServiceUnavailableException", MailUnconfirmed),
        (504, "", MailUnconfirmed),
        (0, "", MailUnconfirmed),
    ],
)
def test_a_failure_is_told_for_what_it_is_and_never_tried_again_by_itself(
    configure: Callable[..., None], status: int, code: str, verdict: type[RecruitProError]
) -> None:
    ses = Ses(status, code)
    with serving(ses) as port:
        configure(aws_endpoint_url=f"http://127.0.0.1:{port}")
        with pytest.raises(verdict):
            clients.mail().send(message())

    assert len(ses.calls) == 1


def test_each_message_has_a_connection_of_its_own_and_carries_its_tag(configure: Callable[..., None]) -> None:
    ses = Ses(200, "")
    with serving(ses) as port:
        configure(aws_endpoint_url=f"http://127.0.0.1:{port}", mail_configuration_set="bounces")
        ids = [clients.mail().send(message()) for _ in range(3)]

    assert ids == ["m-1"] * 3
    assert len(ses.connections) == 3
    assert ses.calls[0]["EmailTags"] == [{"Name": "outreach_id", "Value": "0199"}]
    assert ses.calls[0]["ConfigurationSetName"] == "bounces"
    assert ses.calls[0]["Destination"] == {"ToAddresses": ["zoe@example.org"]}


def test_who_cannot_be_reached_has_taken_nothing(configure: Callable[..., None]) -> None:
    configure(aws_endpoint_url=f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(MailUnavailable):
        clients.mail().send(message())


def test_who_takes_the_message_and_never_answers_may_have_sent_it() -> None:
    import boto3
    from botocore.config import Config

    impatient = Config(connect_timeout=1, read_timeout=0.3, retries={"total_max_attempts": 1})
    with black_hole() as port:
        ses = boto3.client(
            "sesv2", region_name="eu-central-1", endpoint_url=f"http://127.0.0.1:{port}", config=impatient
        )
        with pytest.raises(MailUnconfirmed):
            SesMail(ses, None).send(message())


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (boto.NoCredentialsError(), MailUnavailable),
        (boto.ConnectTimeoutError(endpoint_url="x"), MailUnavailable),
        (boto.ReadTimeoutError(endpoint_url="x"), MailUnconfirmed),
        (boto.ConnectionClosedError(endpoint_url="x"), MailUnconfirmed),
        (boto.SSLError(endpoint_url="x", error=OSError("cut off")), MailUnconfirmed),
        (boto.ParamValidationError(report="x"), MailRefused),
        (KeyError("MessageId"), MailUnconfirmed),
        (OSError("broken pipe"), MailUnconfirmed),
    ],
)
def test_in_doubt_nobody_knows(error: Exception, verdict: type[RecruitProError]) -> None:
    assert isinstance(verdict_on(error), verdict)


def test_moto_takes_mail_from_the_verified_sender_and_no_other(cloud: Cloud) -> None:
    mail_id = clients.mail().send(message())

    assert [mail["source"] for mail in cloud.mails() if mail["id"] == mail_id] == ["hello@recruitpro.example"]
    with pytest.raises(MailRefused):
        clients.mail().send(message("stranger@elsewhere.example"))
