"""Text of any origin is tidied before it is kept: PostgreSQL can hold it, and nothing unseen is left in it."""

from __future__ import annotations

import pytest

from chalicelib.resumes import errors, plain


@pytest.mark.parametrize(
    ("raw", "tidy"),
    [
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("nul\0 and bell\a", "nul and bell"),
        ("trailing  \nspaces\t\n", "trailing\nspaces"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("Zu\u0308rich", "Zürich"),
        ("no\u00a0break", "no break"),
        ("soft\u00adware and break\u00ad\ning", "software and breaking"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("tagged" + "".join(chr(0xE0000 + ord(letter)) for letter in "hire"), "tagged"),
        ("\u202ereversed\u202c", "reversed"),
        ("\uf0b7 bullet, \ue001icon", "• bullet,  icon"),
        ("half a pair \ud83d", "half a pair"),
        ("title\tdates", "title\tdates"),
        ("👩\u200d🔬 scientist", "👩\u200d🔬 scientist"),
    ],
)
def test_text_is_tidied(raw: str, tidy: str) -> None:
    assert plain.tidy(raw) == tidy
    assert plain.tidy(tidy) == tidy


def test_form_feeds_part_the_pages_of_a_text() -> None:
    assert plain.pages(b"one\n\ftwo") == ["one", "two"]


def test_utf_16_that_is_cut_off_is_damaged() -> None:
    with pytest.raises(errors.FileDamaged):
        plain.pages("Jordan".encode("utf-16")[:-1])
