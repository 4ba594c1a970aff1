"""The secrets of a webhook: sealed at rest, opened to sign."""

from __future__ import annotations

from datetime import datetime

from chalicelib.auth.keys import key_ring
from chalicelib.second_factor.sealing import CannotOpen, Sealed, seal, unseal
from chalicelib.webhooks.models import BOTH_SECRETS_FOR, Webhook
from chalicelib.webhooks.signing import PURPOSE, new_secret


def give(webhook: Webhook) -> str:
    """A new secret for the webhook, and only it."""
    secret = new_secret()
    _keep(webhook, secret)
    return secret


def change(webhook: Webhook, now: datetime) -> str:
    """A new secret for the webhook; the one it had signs beside it for a day."""
    webhook.previous_key_id, webhook.previous_sealed = webhook.secret_key_id, webhook.secret_sealed
    webhook.previous_secret_until = now + BOTH_SECRETS_FOR
    return give(webhook)


def forget(webhook: Webhook) -> None:
    """Let nothing be left that could sign."""
    webhook.secret_key_id = webhook.secret_sealed = None
    webhook.previous_key_id = webhook.previous_sealed = webhook.previous_secret_until = None


def is_fresh(webhook: Webhook) -> bool:
    """Whether it is sealed with the key of today."""
    return webhook.secret_key_id == key_ring().current().id


def open_all(webhook: Webhook, now: datetime) -> list[str]:
    """The secrets to sign with, the newest first. One that is sealed with an older key of ours is sealed anew, before
    that key is gone. Raises CannotOpen when the newest cannot be read any more."""
    newest = _opened(webhook, webhook.secret_key_id, webhook.secret_sealed)
    if not is_fresh(webhook):
        _keep(webhook, newest)
    if webhook.previous_secret_until is None or webhook.previous_secret_until <= now:
        return [newest]
    try:
        return [newest, _opened(webhook, webhook.previous_key_id, webhook.previous_sealed)]
    except CannotOpen:
        return [newest]


def _keep(webhook: Webhook, secret: str) -> None:
    sealed = seal(secret, webhook.id, key_ring().current(), purpose=PURPOSE)
    webhook.secret_key_id, webhook.secret_sealed = sealed.key_id, sealed.content


def _opened(webhook: Webhook, key_id: str | None, content: bytes | None) -> str:
    if key_id is None or content is None:
        raise CannotOpen("there is none")
    return unseal(Sealed(key_id, bytes(content)), webhook.id, key_ring().find, purpose=PURPOSE)
