"""Whether a mention of something is a claim to it, a hope or a denial, read from the words around it."""

from __future__ import annotations

import re
from enum import IntEnum

_REACH = 90  # characters before a mention in which its denial stands; longer lists are rarer than false alarms
_AFTER = 40
_THING = (
    r"(?:experience|knowledge|exposure|background|skills?|training|certificates?|certification|licen[cs]es?|degrees?|"
    r"familiarity|practice|qualifications?|expertise|proficiency|erfahrung(?:en)?|kenntnisse|praxis)"
)
_HOW_MUCH = r"(?:[a-z-]{2,14} ){0,3}?"  # "no prior commercial experience"
_DENIAL = re.compile(
    rf"\b(?:(?:no|without|not any|zero|lack(?:s|ed|ing)?(?: of)?|keine?[nr]?|ohne) {_HOW_MUCH}{_THING}"
    r"|(?:not?|never|n't|cannot|nie|noch nicht)(?: yet| really| so far| currently)?"
    r" (?:used?|using|worked|work|touched|tried|familiar|experienced|proficient|comfortable|certified|speak|written|"
    r"have|hold|possess|had|done|gearbeitet|know|knows|learned|learnt|qualified|trained|willing|able|available)"
    r"|(?:not?|without|ohne|keine?n?|nicht|lack of|lacks|lacking))\b"
)
_DENIED_AFTER = re.compile(
    r"^(?: is| are)? unknown\b"
    r"|^[ :(-]{1,4}(?:none|not available|not applicable|not held|nicht vorhanden|(?:no|never|nein|keine?|not yet|"
    r"no (?:[a-z-]{2,14} ){0,2}experience(?: yet)?|keine erfahrung|keine kenntnisse)(?=[).,;]|$))"
)
_HOPE = re.compile(
    rf"\b(?:(?<!visual )(?:basic|rudimentary|limited|little|minimal|elementary|beginner'?s?|some) (?:level )?"
    rf"(?:{_THING}|understanding|level|command|grasp)"
    r"|(?<!visual )basics?:|basics of|beginner|novice|grundkenntnisse|"
    r"interest(?:ed)? in|interesse|(?:want|wish|hop|plan|look|aim|seek)(?:ing|s|e)?(?: forward)? to|eager to|keen to|"
    r"(?:would|'d) (?:like|love) to|(?:currently|now|am|still|started|begun|self)[ -]learning|learn|"
    r"seeking|aspir(?:e|ing)|(?:career )?objective:|curious about|no longer|(?<!visual )basic|rudimentary|"
    r"minimal)(?!\w)"
)
# These speak only of what follows at once: "no Python", "basic Python", but not "no fear of Python".
_BARE = frozenset(
    {
        "no",
        "without",
        "ohne",
        "kein",
        "keine",
        "keinen",
        "lack of",
        "lacks",
        "lacking",
        "basic",
        "rudimentary",
        "minimal",
    }
)
_HOPE_AFTER = re.compile(
    r"^[ :(-]{1,4}(?:at )?(?:basics?|beginner|novice|grundkenntnisse|elementary|learning|in progress|entry[ -]level|"
    r"want to|to be learn)(?! life)"
)
_TURN = re.compile(
    r"\b(?:but|however|although|though|while|whereas|instead|aber|sondern|strong|solid|extensive|advanced|expert|"
    r"excellent|fluent|proficient in|\d{1,2}\+? years|only|nur|since|until|besides|apart from)\b|[;|•]|[.!?] "
)
_NOT_ONLY = re.compile(
    r"\bnot (?:only|just)|\bno\. ?\d|\bnicht nur|\bwithout (?:any )?(?:doubt|supervision|help|incident)"
)
_FILLED = re.compile(r"^[,:]?(?: [a-z0-9+#./&',-]{1,30}){0,12}[ ,(:/-]*$")
_BARE_GAP = re.compile(r"^(?: [a-z-]{2,14}){0,1} ?$")


class Claim(IntEnum):
    """How a résumé speaks of something, weakest first."""

    DENIED = 0
    HOPED = 1
    STATED = 2


def claim_at(folded: str, start: int, end: int, *, basics_suffice: bool = False) -> Claim:
    """What the words around `folded[start:end]` make of it. With `basics_suffice`, basic knowledge is a claim too."""
    before, after = folded[max(0, start - _REACH) : start], folded[end : end + _AFTER]
    if _is_denied(before, after):
        return Claim.DENIED
    if not basics_suffice and (_reaches(_HOPE, before) or _HOPE_AFTER.search(after)):
        return Claim.HOPED
    return Claim.STATED


def _is_denied(before: str, after: str) -> bool:
    if _DENIED_AFTER.search(after):
        return True
    masked = _NOT_ONLY.sub(lambda found: "." * len(found.group()), before)
    return _reaches(_DENIAL, masked)


def _reaches(cue: re.Pattern[str], before: str) -> bool:
    """Whether the last cue before a mention speaks of it: nothing between them turns the sentence."""
    for found in reversed(list(cue.finditer(before))):
        gap = before[found.end() :]
        if _TURN.search(gap):
            return False
        if found.group() in _BARE:
            if _BARE_GAP.match(gap):
                return True
            continue
        if _FILLED.match(gap):
            return True
    return False
