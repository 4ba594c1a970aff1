"""HTTP for API keys. No key makes keys: only admins do, signed in."""

from __future__ import annotations

from typing import Any

from chalicelib.api_keys import repository, service
from chalicelib.api_keys.errors import ApiKeyNotFound, TooManyApiKeys
from chalicelib.api_keys.keys import hint_of
from chalicelib.api_keys.models import ApiKey
from chalicelib.api_keys.schemas import ApiKeyQuery, ApiKeyView, NewApiKey, NewApiKeyView, status_of
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, created, no_content, versioned
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes

routes = Routes(__name__, tag="api_keys")
ALL = "/api/api-keys"
ONE = "/api/api-keys/{api_key_id}"
SHOWN = ("name", "scopes", "created_by", "created_at", "expires_at", "revoked_at", "revoked_by", "last_used_at")


@routes.serve("GET", ALL, access=Access.ADMIN, query=ApiKeyQuery, answer=Page[ApiKeyView])
def list_api_keys(call: Call[Nothing, ApiKeyQuery]) -> Page[ApiKeyView]:
    """API keys, newest first, those that ended included; the keys themselves are never shown again."""
    query = repository.matching(call.organization_id, call.query.status)
    order = Order.by_id(ApiKey.id)
    return page(call.session, query, order, call.query, ApiKeyView, read=lambda row: _view(call, row))


@routes.serve(
    "POST",
    ALL,
    access=Access.ADMIN,
    body=NewApiKey,
    answer=NewApiKeyView,
    status=201,
    keeps_answer=False,  # it holds a secret
    refusals=(TooManyApiKeys,),
)
def make_api_key(call: Call[NewApiKey, Nothing]) -> Answer:
    """A new key for a program, shown this once. With `write` scopes the program acts as a recruiter, else as a viewer,
    and sees no private projects."""
    wish = call.body
    made, key = service.make(
        call.session,
        call.organization_id,
        wish.name,
        wish.scopes,
        wish.expires_at,
        actor=call.actor,
        now=call.now,
    )
    view = NewApiKeyView(**_view(call, made).model_dump(), key=key)
    return created(view, f"{ALL}/{made.id}", version=made.version)


@routes.serve("GET", ONE, access=Access.ADMIN, answer=ApiKeyView, refusals=(ApiKeyNotFound,))
def get_api_key(call: Call[Nothing, Nothing]) -> Answer:
    """One key: what it may do, whether it works, when it was last used."""
    key = service.get(call.session, call.organization_id, call.ids["api_key_id"])
    return versioned(_view(call, key), key.version)


@routes.serve("DELETE", ONE, access=Access.ADMIN, status=204, refusals=(ApiKeyNotFound,))
def revoke_api_key(call: Call[Nothing, Nothing]) -> Answer:
    """End a key at once. It stays in the list, as what events name."""
    key = service.get(call.session, call.organization_id, call.ids["api_key_id"], lock=True)
    call.check_fresh(key.version)
    service.revoke(call.session, key, actor=call.actor, now=call.now)
    return no_content()


def _view(call: Call[Any, Any], row: Any) -> ApiKeyView:
    status = status_of(row.expires_at, row.revoked_at, call.now)
    values = {name: getattr(row, name) for name in SHOWN}
    return ApiKeyView(id=row.id, status=status, begins_with=hint_of(row.id), **values)
