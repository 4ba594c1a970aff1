"""Why a person must read a résumé before anything is said about it: nothing to read, or words aimed at the reader."""

from __future__ import annotations

import re

from chalicelib.resumes.skill_names import CANONICAL
from chalicelib.resumes.text import DocumentText
from chalicelib.screening.folding import fold, fold_with_offsets, words_of

SHORTEST_RESUME = 200  # characters; less is a cover line, a scan that failed, or an empty template
_FEWEST_WORDS = 20
_KNOWN_SHARE = 0.12  # measured on short résumés: English 0.24, German 0.35; French, Dutch, Polish, Spanish 0.03 to 0.09
_LATIN_SHARE = 0.5
_SAMPLE_CHARACTERS = 20_000
_KNOWN_WORDS = """
    and as an at by for from in is of on or the to with my i was were are this that which all have has not be work
    worked experience education skills languages university school degree bachelor master present current team
    management project projects manager engineer developer responsible years year new company email phone summary
    profile references training january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep oct nov dec english german support customer customers service services software
    data development system systems und der die das den dem des ein eine mit von bei fur im zu zum zur auf als bis
    seit aus sowie nach ist ich nicht berufserfahrung ausbildung kenntnisse sprachen studium universitat schule
    erfahrung heute deutsch englisch lebenslauf
"""
_KNOWN = frozenset(_KNOWN_WORDS.split())
_ANY = r"(?:\w{1,15} ){0,4}?"
_HIM = r"(?:(?:this|my|the) (?:candidate|applicant|application|resume|cv|profile|person)|me|him|her)"
_PRAISE = (
    r"(?:highly|high|highest|maximum|10/10|100|perfect|top|strong(?:ly)?|best|excellent|match|qualified|immediately|"
    r"positively|ideal|hired?|shortlist(?:ed)?)"
)
_READER = r"(?:ai|llms?|chatgpt|gpt|language models?|screening (?:systems?|software|bots?|models?)|ats)"
# What gives orders about a verdict, and nothing that recruiters, analysts or testers write about their own work
# ("set up a rating model", "ensured that all requirements are met", "helped to select the best candidates").
_INSTRUCTION = re.compile(
    rf"\b(?:ignore|disregard|forget|override|bypass) {_ANY}(?:instructions?|prompts?|rules?|guidelines|directions|"
    r"criteria|requirements|commands)\b"
    rf"|\b(?:rate|score|rank|mark|grade|evaluate|classify|recommend|shortlist|select|approve|hire|accept"
    rf"|treat) {_HIM}\b"
    rf"(?:.{{0,40}}?\b{_PRAISE}\b)"
    rf"|\b(?:give|assign|award) {_ANY}{_HIM} {_ANY}(?:score|rating|marks?|points|grade)\b"
    r"|\b(?:return|output|respond with|answer with|reply with|set|print) (?:a |the |this )?(?:\w{1,12} )?"
    r"(?:score|verdict|rating|recommendation)(?: to| as| of| ?[=:]) ?(?:\d|met|strong|high|max|perfect|true)"
    rf"|\byou (?:must|should|shall|are to|have to) (?:\w{{1,15}} )?(?:hire|recommend|rate|score|rank|shortlist"
    rf"|approve|select)\b"
    r"|\byou are (?:now )?(?:an? )?(?:ai|llm|chatgpt|language model|hiring assistant|helpful assistant)\b"
    rf"|\b(?:(?:note|message|instructions?) (?:to|for)|attention|dear|hey|hello)(?: the| all| any)? {_READER} ?[:,!-]"
    r"|\b(?:state|say|conclude|assume|confirm|report|pretend) (?:that )?(?:all|every|the) \w{1,15} (?:is|are) "
    r"(?:met|fulfilled|satisfied)\b"
    r"|</?(?:system|instructions?|assistant|user)>|\[/?inst\]|<\|im_(?:start|end)\|>"
    rf"|\bignorier\w{{0,4}} {_ANY}(?:anweisung\w{{0,3}}|instruktion\w{{0,3}}|regeln|vorgaben)\b"
    rf"|\bbewerte\w? (?:diese[nrs]?|den|die) {_ANY}(?:kandidat\w{{0,4}}|bewerber\w{{0,3}}|lebenslauf)\b"
)


def instructions_in(document: DocumentText) -> list[tuple[int, int]]:
    """The lines (start and end offsets) that tell the reader how to judge, wherever they break inside an order."""
    folded, offsets = fold_with_offsets(document.text)
    found = [(offsets[each.start()], offsets[each.end() - 1] + 1) for each in _INSTRUCTION.finditer(folded)]
    return [_whole_lines(document.text, start, end) for start, end in found]


def _whole_lines(text: str, start: int, end: int) -> tuple[int, int]:
    following = text.find("\n", end)
    return text.rfind("\n", 0, start) + 1, len(text) if following < 0 else following


def unreadable_because(document: DocumentText | None) -> str | None:
    """Why the engine cannot read this résumé, for a recruiter; None when it can."""
    if document is None:
        return "There is no clean résumé to read."
    if len(document.text.strip()) < SHORTEST_RESUME:
        return "The résumé holds too little text to be rated (it may be a scanned picture)."
    sample = document.text[:_SAMPLE_CHARACTERS]
    letters = [char for char in sample if char.isalpha()]
    latin = sum(1 for char in letters if ord(char) < 0x250 or 0x1E00 <= ord(char) < 0x1F00)
    words = words_of(fold(sample))
    if (
        not letters
        or latin < _LATIN_SHARE * len(letters)
        or len(words) < _FEWEST_WORDS
        or _known_share(words) < _KNOWN_SHARE
    ):
        return "The résumé is in a language or script that the rules do not know (they read English and German)."
    return None


def _known_share(words: list[str]) -> float:
    """The share of common words; names of skills are the same in every language and tell nothing."""
    telling = [word for word in words if word not in CANONICAL]
    return sum(1 for word in telling if word in _KNOWN) / len(telling) if telling else 0.0
