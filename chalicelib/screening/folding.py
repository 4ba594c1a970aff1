"""Text made comparable: one case, plain letters, dashes and quotes, single spaces; and words cut to their stems."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-"}
    | {"ß": "ss", "•": "•", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
)
_WORD = re.compile(r"[a-z0-9][a-z0-9+#&']*")
_SUFFIXES = (
    *(
        "ability",
        "able",
        "ization",
        "isation",
        "ership",
        "ations",
        "ation",
        "ements",
        "ement",
        "ments",
        "ment",
        "ances",
        "ance",
    ),
    *("ings", "ing", "ants", "ant", "ions", "ion", "ists", "ist", "ers", "ors", "ies", "ied", "er", "or", "ed", "es"),
    *("ly", "'s", "al", "s", "e", "y", "i"),
)
_SHORTEST_STEM = 4
_SHORTEST_VERB = 3  # "led", "ran" aside, verbs of three letters inflect too: "fix", "fixing"
_IRREGULAR = {
    **dict.fromkeys(("led", "lead", "leader", "leaders", "leading", "leads"), "lead"),
    **dict.fromkeys(("taught", "teach"), "teach"),
    **dict.fromkeys(("sale", "sales", "sold", "selling", "seller"), "sell"),
    **dict.fromkeys(("built", "building", "builder"), "build"),
    **dict.fromkeys(("wrote", "written", "writing", "writer"), "writ"),
    **dict.fromkeys(("drove", "driven", "driver", "drivers", "driving"), "driv"),
    **dict.fromkeys(("lorry", "lorries", "hgv"), "truck"),
    **dict.fromkeys(("attorney", "attorneys", "solicitor", "solicitors"), "lawyer"),
    **dict.fromkeys(("cares", "cared", "caring", "caregiver", "caregivers", "carer", "carers"), "care"),
    **dict.fromkeys(("serve", "served", "serves", "serving"), "servic"),
    **dict.fromkeys(
        (
            "analysis",
            "analyses",
            "analyse",
            "analysed",
            "analysing",
            "analyze",
            "analyzed",
            "analyzing",
            "analytics",
            "analyst",
        ),
        "analys",
    ),
    **dict.fromkeys(("certified", "certificate", "certificates", "certification", "certifications"), "certif"),
    **dict.fromkeys(("kids", "kid", "child"), "children"),
}
# Trades name one role in two ways ("software engineer", "software developer"), and recruiters mean either.
_SAME_TRADE = {"engin": "develop", "programm": "develop", "program": "develop"}


def cased(text: str) -> str:
    """`text` with plain letters and single spaces, its case kept."""
    decomposed = unicodedata.normalize("NFKD", text) if not text.isascii() else text
    if not decomposed.isascii():
        kept = (char for char in decomposed if unicodedata.category(char) not in {"Mn", "Cf"})
        decomposed = "".join(kept).translate(_PLAIN)
    return " ".join(decomposed.split())


def fold(text: str) -> str:
    """`text` as every comparison sees it: plain, lower case, single spaces."""
    return cased(text).lower()


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """The folded text and, for each of its characters, the offset in `text` that it comes from."""
    folded: list[str] = []
    offsets: list[int] = []
    for offset, char in enumerate(text):
        for plain in " " if char.isspace() else fold(char):
            if plain == " " and folded and folded[-1] == " ":
                continue
            folded.append(plain)
            offsets.append(offset)
    return "".join(folded), offsets


def words_of(folded: str) -> list[str]:
    """The words of a folded text, in order; "c++", "r&d" and "driver's" are one word each."""
    return [word.rstrip("'&") for word in _WORD.findall(folded)]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What a word shares with its inflections: nurse, nurses and nursing all give "nurs"."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for _ in range(3):
        shorter = _without_suffix(word)
        if shorter == word:
            break
        word = _IRREGULAR.get(shorter, shorter)
    return _SAME_TRADE.get(word, word)


def stems_of(folded: str) -> tuple[str, ...]:
    """The stems of all words of a folded text, in order."""
    return tuple(stem(word) for word in words_of(folded))


def _without_suffix(word: str) -> str:
    for suffix in _SUFFIXES:
        shortest = _SHORTEST_VERB if suffix in {"ing", "ed"} else _SHORTEST_STEM
        if word.endswith(suffix) and len(word) - len(suffix) >= shortest:
            return _tidied(word[: -len(suffix)])
    return word


def _tidied(root: str) -> str:
    if len(root) > _SHORTEST_STEM + 1 and root.endswith("at"):
        return root[:-2]  # negotiat(ed) and negoti(ation) meet here
    if len(root) > _SHORTEST_VERB and root[-1] == root[-2] and root[-1] not in "sl":
        return root[:-1]  # plann(ing) is plan
    return root
