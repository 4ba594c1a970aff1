"""How keys are written and read, without a database."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from chalicelib.api_keys import keys
from chalicelib.api_keys.errors import BadApiKey

# Written out: workers have to collect the same tests.
KEY_ID = UUID("01a20c4e-dfdd-797b-9f34-18d848d68605")
ORGANIZATION_ID = UUID("01a20c4e-dfdd-797b-9f34-18d848d68606")


def changed(key: str, place: int) -> str:
    return key[:place] + ("0" if key[place] != "0" else "1") + key[place + 1 :]


@pytest.mark.parametrize("number", [0, 1, 2**128 - 1, KEY_ID.int])
def test_a_key_says_whose_it_is(number: int) -> None:
    key = keys.new_key(UUID(int=number), ORGANIZATION_ID)

    claim = keys.read(key)

    assert (claim.id, claim.organization_id) == (UUID(int=number), ORGANIZATION_ID)
    assert claim.key_hash == keys.hash_of(key)
    assert key.startswith(keys.hint_of(claim.id))
    assert len(key) == 96
    assert key.isascii()


def test_no_two_keys_are_alike() -> None:
    written = {keys.new_key(KEY_ID, ORGANIZATION_ID) for _ in range(500)}

    assert len(written) == 500
    assert len({key[47:90] for key in written}) == 500


def test_a_key_that_was_mistyped_cut_or_made_up_is_none() -> None:
    key = keys.new_key(KEY_ID, ORGANIZATION_ID)
    wrong = [changed(key, place) for place in range(3, len(key))]
    wrong += [
        "rp_",
        key[:-1],
        key + "0",
        f" {key}",
        key + "\n",
        key.replace("rp_", "rp-"),
        key.swapcase(),
        "rp_" + "z" * 93,
    ]

    for text in wrong:
        with pytest.raises(BadApiKey):
            keys.read(text)


def test_ids_beyond_a_uuid_are_refused_though_the_checksum_fits() -> None:
    text = "rp_" + "z" * 22 + keys.new_key(uuid4(), ORGANIZATION_ID)[25:90]
    with pytest.raises(BadApiKey):
        keys.read(text + keys._checksum(text))
