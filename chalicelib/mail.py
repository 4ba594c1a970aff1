"""Mail through Amazon SES, and what each of its failures says about the message: not taken, refused, or nobody knows.

Only what certainly was not taken may be tried again by itself. A connection that was never made, a throttled call and
a missing right are such; an answer that did not come (time-out, closed connection, 5xx) is not: SES may have taken the
message and only its answer was lost.
"""

from __future__ import annotations

from email.message import EmailMessage
from http import HTTPStatus
from typing import Any

from chalicelib.errors import Invalid, RecruitProError, Unavailable
from chalicelib.logs import log
from chalicelib.mail_form import TAGS

THROTTLED = {
    "TooManyRequestsException",
    "LimitExceededException",
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
    "RequestLimitExceeded",
    "RequestThrottled",
}
NO_RIGHT = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
NO_ANSWER = {HTTPStatus.REQUEST_TIMEOUT}


class MailUnavailable(Unavailable):
    """The mail service takes nothing now, and certainly has not taken this message."""

    code = "mail_unavailable"


class MailRefused(Invalid):
    """The mail service has looked at the message and does not take it."""

    code = "mail_refused"


class MailUnconfirmed(RecruitProError):
    """Nobody knows whether the mail service took the message."""

    code = "mail_unconfirmed"


class SesMail:
    """Mail by the SESv2 API. Its client must not try again by itself."""

    def __init__(self, ses: Any, configuration_set: str | None) -> None:
        self._ses = ses
        self._options = {"ConfigurationSetName": configuration_set} if configuration_set else {}

    def send(self, message: EmailMessage) -> str:
        """Hand a message over; returns the id that SES gives it. Raises MailUnavailable when it certainly was not
        taken, MailRefused when it never will be, MailUnconfirmed when nobody knows."""
        addresses = {name: message[name].addresses[0].addr_spec for name in ("From", "To")}
        try:
            answer = self._ses.send_email(
                FromEmailAddress=addresses["From"],
                Destination={"ToAddresses": [addresses["To"]]},
                Content={"Raw": {"Data": message.as_bytes()}},
                EmailTags=[{"Name": TAGS[name], "Value": message[name]} for name in TAGS if name in message],
                **self._options,
            )
            return str(answer["MessageId"])
        except Exception as error:
            raise verdict_on(error) from error
        finally:
            # A connection kept through a frozen container is closed at the other end: the next message would be lost
            # between the two, and nobody would know.
            self._ses.close()


def verdict_on(error: Exception) -> RecruitProError:
    """What a failure of boto3 says about the message."""
    from botocore import exceptions as boto

    never_left = (
        boto.EndpointConnectionError,
        boto.ConnectTimeoutError,
        boto.ProxyConnectionError,
        boto.NoCredentialsError,
        boto.PartialCredentialsError,
        boto.CredentialRetrievalError,
        boto.NoRegionError,
    )
    log.warning("mail_not_sent", reason=type(error).__name__)
    if isinstance(error, never_left):
        return MailUnavailable("the mail service cannot be reached now")
    if isinstance(error, boto.ParamValidationError):
        return MailRefused("the mail service does not take a message of this form")
    if isinstance(error, boto.ClientError):
        return _verdict_on_answer(error.response)
    return MailUnconfirmed("the mail service has not answered")


def _verdict_on_answer(answer: Any) -> RecruitProError:
    code = str(answer.get("Error", {}).get("Code", ""))
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    log.warning("mail_service_answered", code=code, status=status)
    if code in THROTTLED or status == HTTPStatus.TOO_MANY_REQUESTS:
        return MailUnavailable("the mail service takes no more messages for the moment")
    if status in NO_RIGHT:
        return MailUnavailable("the mail service does not let us in")
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in NO_ANSWER:
        return MailRefused(f"the mail service does not take this message ({code})")
    return MailUnconfirmed("the mail service has failed while it had the message")
