"""Containers follow a secret that changes, each in its own time, and nobody is signed out by it."""

from __future__ import annotations

import pytest

from chalicelib.auth.keys import (
    CURRENT,
    PENDING,
    PREVIOUS,
    READ_AGAIN_AFTER_FAILURE_SECONDS,
    READ_AGAIN_AFTER_SECONDS,
    READ_AT_MOST_EVERY_SECONDS,
    Key,
    KeyRing,
)
from chalicelib.clients import SecretsUnavailable

OLD, NOW, NEXT = ("o" * 40, "n" * 40, "x" * 40)


class Store:
    """Secrets Manager, with a clock."""

    def __init__(self, **texts: str) -> None:
        self.texts, self.asked, self.is_down, self.time = dict(texts), list[str](), False, 1000.0

    def read(self, stage: str) -> str | None:
        self.asked.append(stage)
        if self.is_down:
            raise SecretsUnavailable("down")
        return self.texts.get(stage)

    def rotate(self, text: str) -> None:
        self.texts = {CURRENT: text, PREVIOUS: self.texts[CURRENT]}

    def ring(self) -> KeyRing:
        return KeyRing(self.read, clock=lambda: self.time)


def ids(ring: KeyRing) -> list[str]:
    return [key.id for key in ring.all()]


def test_the_current_version_signs_and_the_others_are_accepted() -> None:
    ring = Store(**{CURRENT: NOW, PREVIOUS: OLD, PENDING: NEXT}).ring()

    assert ring.current() == Key.of(NOW)
    assert all(ring.find(Key.of(text).id) == Key.of(text) for text in (NOW, OLD, NEXT))
    assert ring.find(Key.of("y" * 40).id) is None


def test_two_stages_of_one_version_are_one_key() -> None:
    assert ids(Store(**{CURRENT: NOW, PENDING: NOW}).ring()) == [Key.of(NOW).id]


def test_a_key_that_is_not_known_yet_is_asked_for_at_once() -> None:
    store = Store(**{CURRENT: OLD})
    ring = store.ring()
    assert ring.current() == Key.of(OLD)
    store.rotate(NOW)
    store.time += READ_AT_MOST_EVERY_SECONDS

    assert ring.find(Key.of(NOW).id) == Key.of(NOW)
    assert ids(ring) == [Key.of(NOW).id, Key.of(OLD).id]


def test_forged_keys_make_nobody_ask_more_often_than_every_few_seconds() -> None:
    store = Store(**{CURRENT: NOW})
    ring = store.ring()
    ring.current()
    asked = len(store.asked)

    for number in range(1000):
        store.time += 0.01
        assert ring.find(f"forged-{number}") is None

    assert len(store.asked) - asked <= 3 * (10 / READ_AT_MOST_EVERY_SECONDS)


def test_the_secret_is_read_again_now_and_then_by_one_call_unless_it_changed() -> None:
    store = Store(**{CURRENT: OLD})
    ring = store.ring()
    ring.current()
    store.asked.clear()

    store.time += READ_AGAIN_AFTER_SECONDS - 1
    ring.current()
    assert store.asked == []
    store.time += 1
    ring.current()
    assert store.asked == [CURRENT]
    store.rotate(NOW)
    store.time += READ_AGAIN_AFTER_SECONDS
    assert ids(ring) == [Key.of(NOW).id, Key.of(OLD).id]


def test_while_the_store_is_down_the_known_keys_go_on_and_it_is_asked_seldom() -> None:
    store = Store(**{CURRENT: NOW})
    ring = store.ring()
    ring.current()
    store.is_down = True
    store.asked.clear()
    store.time += READ_AGAIN_AFTER_SECONDS

    for _ in range(50):
        assert ring.current() == Key.of(NOW)
        store.time += 1

    assert len(store.asked) == 1
    store.is_down = False
    store.rotate(NEXT)
    store.time += READ_AGAIN_AFTER_FAILURE_SECONDS
    assert ring.current() == Key.of(NEXT)


def test_without_any_key_nothing_is_signed_and_the_next_request_asks_again() -> None:
    store = Store(**{CURRENT: NOW})
    store.is_down = True
    ring = store.ring()
    for _ in range(2):
        with pytest.raises(SecretsUnavailable):
            ring.current()
    store.is_down = False

    assert ring.current() == Key.of(NOW)


def test_a_clock_that_is_set_back_stops_no_reading() -> None:
    store = Store(**{CURRENT: OLD})
    ring = store.ring()
    ring.current()
    store.rotate(NOW)
    store.time -= 100_000

    assert ring.current() == Key.of(NOW)


def test_an_id_and_a_derived_key_say_nothing_of_the_secret() -> None:
    key = Key.of(NOW)

    assert key.id == Key.of(NOW).id != Key.of(NEXT).id
    assert len({key.secret, key.for_purpose("cursor"), key.for_purpose("another")}) == 3
