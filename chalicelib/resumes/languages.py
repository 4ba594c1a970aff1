"""The languages a candidate speaks, from a section about languages or a line that is labelled so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chalicelib.resumes.fields import Found, found
from chalicelib.resumes.sections import Part, Section
from chalicelib.resumes.text import DocumentText

# The English name: how German, French and Spanish (and the language itself) write it.
_LANGUAGES = """
    English: Englisch, anglais, inglés; German: Deutsch, allemand, alemán; French: Französisch, français, francés;
    Spanish: Spanisch, espagnol, español, castellano; Italian: Italienisch, italien, italiano; Portuguese:
    Portugiesisch, portugais, portugués; Dutch: Niederländisch, néerlandais, neerlandés, holandés; Polish: Polnisch,
    polonais, polaco; Russian: Russisch, russe, ruso; Ukrainian: Ukrainisch, ukrainien, ucraniano; Turkish: Türkisch,
    turc, turco; Arabic: Arabisch, arabe, árabe; Hebrew: Hebräisch, hébreu, hebreo; Persian: Farsi, Persisch, persan,
    persa; Hindi: ; Urdu: ; Bengali: ; Punjabi: ; Tamil: ; Telugu: ; Chinese: Mandarin, Chinesisch, chinois, chino,
    Cantonese; Japanese: Japanisch, japonais, japonés; Korean: Koreanisch, coréen, coreano; Vietnamese: Vietnamesisch,
    vietnamien, vietnamita; Thai: ; Indonesian: ; Malay: ; Tagalog: Filipino; Swahili: ; Greek: Griechisch, grec,
    griego; Romanian: Rumänisch, roumain, rumano; Hungarian: Ungarisch, hongrois, húngaro; Czech: Tschechisch,
    tchèque, checo; Slovak: Slowakisch; Croatian: Kroatisch; Serbian: Serbisch; Bulgarian: Bulgarisch; Danish:
    Dänisch, danois, danés; Swedish: Schwedisch, suédois, sueco; Norwegian: Norwegisch, norvégien, noruego; Finnish:
    Finnisch, finnois, finlandés; Catalan: Katalanisch, catalán, català; Basque: ; Galician: ; Albanian: ; Latin:
    Latein; Sign language: ASL, BSL
"""


def _by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for entry in _LANGUAGES.split(";"):
        name, _, others = entry.partition(":")
        canonical = " ".join(name.split())
        names |= {" ".join(n.split()).casefold(): canonical for n in (name, *others.split(",")) if n.strip()}
    return names


NAMES = _by_name()
_WORD = re.compile(r"[^\W\d_]+")
_LABEL = re.compile(r"(?:languages|sprachen|langues|idiomas|sprachkenntnisse)\s{0,2}:", re.IGNORECASE)


def lists_languages(line: str) -> bool:
    """Whether a line is labelled as one of languages and names one that people speak ("Languages: Python" does not)."""
    label = _LABEL.match(line[:40])
    return label is not None and any(word.casefold() in NAMES for word in _WORD.findall(line[label.end() : 400]))


def read_languages(text: DocumentText, parts: Sequence[Part]) -> tuple[Found[str], ...]:
    """Each language once, by its English name, where it is first mentioned."""
    first: dict[str, Found[str]] = {}
    for held in parts:
        for line in held.lines:
            if held.section is not Section.LANGUAGES and not lists_languages(line.words):
                continue
            for word in _WORD.finditer(line.words[:400]):
                if name := NAMES.get(word[0].casefold()):
                    start = line.start + word.start()
                    first.setdefault(name, found(text, name, start, start + len(word[0])))
    return tuple(first.values())
