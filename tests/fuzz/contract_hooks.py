"""What schemathesis cannot read in an OpenAPI document: for each kind of answer that it takes for a failure by its
nature, the reason why it is none. Everything else stays a failure."""

from __future__ import annotations

import re

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import RejectedPositiveData, UndefinedStatusCode

# Of values that JSON Schema has no word for, or that depend on what is stored: the message says the rule to people.
BEYOND_SCHEMA = (
    r"there is no such \w+(, or they are disabled)?",  # a reference to something that never was
    r"names no event",
    r"this is in the past",
    r"is below salary_min",
    r"each requirement needs an id of its own",
    r"this is not your password",
    r"write it with its country code: .*",  # telephone numbers
    r"this is no possible phone number",
    r"leave the extension out; .*",
    r"one line without control characters",
    r"a link has no control characters",
    r"leave user name and password out of a link",
    r"write it as https://host/path, .*",  # addresses that may be called from here
    r"a file (without an extension|of type \.?\w*) is not accepted here; .*",
    r"Decimal input should have no more than 2 decimal places",
    r"write it as IANA does: .*",  # time zones
    r"name the work in words",
    r"mark each requirement once",
    r'"\*" stands alone',
    r"give the file's own name, without folders or control characters",
    r"the clocks of \S+ (skip|show) this time.*",
    r"type at least one word that is to be found",
    r"is above salary_max",
    r"is over the limit of \d+ bytes",  # each kind of file has its own
    r"a year from \d{4} to \d{4}",
    r"Input should be a valid URL, .*",
    r"value is not a valid email address: .*",
    r"String should have at least \d+ characters?",  # white space around a text does not count
    r"String should match pattern .*",  # after that white space is gone
    r"holds a character that is not text",  # U+0000 and half a surrogate pair
)
# Of a state or a secret that a generator cannot know, and published as refusals of the call.
CODES = {400: {"bad_cursor", "bad_invitation", "bad_reset_link"}, 412: {"stale"}, 410: None, 422: None}
BEYOND = re.compile("|".join(BEYOND_SCHEMA), re.DOTALL)
# Too big to be looked at is refused as well, if not for what is wrong with it; an address or headers by the server, or
# API Gateway, before the application sees them.
TOO_BIG = {413, 414, 431}


@schemathesis.hook
def filter_failure(context: object, failure: Failure, case: object, response: Response) -> bool:
    """Whether this is a failure."""
    if isinstance(failure, RejectedPositiveData):
        return not _is_refused_for_a_reason(response)
    if isinstance(failure, AcceptedNegativeData):
        return response.status_code not in TOO_BIG
    if isinstance(failure, UndefinedStatusCode):
        return response.status_code not in TOO_BIG
    return True


def _is_refused_for_a_reason(response: Response) -> bool:
    problem = response.json()
    if response.status_code == 422 and problem["code"] == "invalid":
        return all(BEYOND.fullmatch(error["message"]) for error in problem["errors"])
    codes = CODES.get(response.status_code, set())
    return codes is None or problem["code"] in codes
