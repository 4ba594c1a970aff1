"""What can be wrong with a key, and what no key may do."""

from __future__ import annotations

from chalicelib.errors import Conflict, Forbidden, NotFound, Unauthenticated


class BadApiKey(Unauthenticated):
    """The key is unknown, expired or revoked."""

    code = "bad_api_key"

    def __init__(self) -> None:
        super().__init__("this API key is not valid: it is unknown, expired or revoked")


class NotForApiKeys(Forbidden):
    """This is for people who sign in, whatever scopes a key has."""

    code = "not_for_api_keys"


class ScopeMissing(Forbidden):
    """The key does not have the scope that this needs."""

    code = "scope_missing"


class ApiKeyNotFound(NotFound):
    """There is no such key."""

    code = "api_key_not_found"


class TooManyApiKeys(Conflict):
    """The organization has as many keys as it may have."""

    code = "too_many_api_keys"
