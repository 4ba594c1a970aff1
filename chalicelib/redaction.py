"""Takes out of a text what nobody may read in a log or a report: addresses, phone numbers and secrets.

Our own lines carry ids alone. This is for the words of others, of exceptions most of all, which like to quote what they
were given. Names it cannot know: wherever an exception could quote one, it is kept from doing so (`db.build_engine`,
`wire.teach`).
"""

from __future__ import annotations

import re

INSTEAD = "[removed]"
NOT_FOR_LOGS = re.compile(
    r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+"  # mail addresses, and the password and host of a URL
    r"|\beyJ[\w-]{8,}(?:\.[\w-]+){0,2}"  # access tokens
    r"|\brp_[0-9A-Za-z]{20,}"  # API keys
    r"|\bwhsec_[\w+/=-]{8,}"  # secrets of webhooks
    r"|(?<![\w.:+-])\+[1-9]\d{6,14}\b"  # phone numbers as we keep them
)
# Each of the above holds one of these. Looking for them costs a hundredth of the pattern, and most lines hold none.
MARKS = ("@", "eyJ", "rp_", "whsec_")
PHONE_MARK = re.compile(r"\+[1-9]")


def redacted(text: str) -> str:
    """`text` with `[removed]` in place of all that has the form of personal data or of a secret."""
    if not any(mark in text for mark in MARKS) and PHONE_MARK.search(text) is None:
        return text
    return NOT_FOR_LOGS.sub(INSTEAD, text)
