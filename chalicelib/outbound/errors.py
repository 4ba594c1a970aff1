"""Why a request to somebody else's server came to nothing. None tells more of our network than that."""

from __future__ import annotations

from chalicelib.errors import Invalid, Unavailable


class UrlRefused(Invalid):
    """The address is misspelt, or of a kind that we do not send to."""

    code = "url_refused"


class AddressRefused(Invalid):
    """The name leads to a private, local or otherwise special address."""

    code = "address_refused"

    def __init__(self) -> None:
        super().__init__("this host is not on the public internet")


class NameNotResolved(Unavailable):
    """No address is known for the name."""

    code = "name_not_resolved"


class ConnectFailed(Unavailable):
    """Nobody answers there, or the connection broke."""

    code = "connect_failed"


class TlsFailed(Unavailable):
    """There is no secure connection: most often a certificate that is expired, self-signed or for another name."""

    code = "tls_failed"


class TimedOut(Unavailable):
    """It took too long."""

    code = "timed_out"


class BadAnswer(Unavailable):
    """What came back is not HTTP."""

    code = "bad_answer"
