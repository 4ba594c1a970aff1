"""What a recruiter types into the search box, as a PostgreSQL query.

`word`, `"exact phrase"`, `OR` between alternatives, `-not`, `prefix*`. Words side by side must all match; OR binds
looser, as in web search. The pieces become parameters of tsquery functions: nothing of the text is ever SQL or tsquery
syntax.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY

CONFIGURATION = sa.text("'public.recruitpro'::regconfig")
PIECE = re.compile(r'(?P<no>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
WORD_CHARACTERS = re.compile(r"\w", re.UNICODE)
MOST_PIECES = 20


@dataclass(frozen=True, slots=True)
class Term:
    """One piece of a search: a word, phrase or prefix, wanted or not."""

    text: str
    is_phrase: bool = False
    is_prefix: bool = False
    is_excluded: bool = False


def parse(text: str) -> list[list[Term]]:
    """The alternatives of a search, each a list of terms that must all hold. Empty when there is no word in it."""
    alternatives: list[list[Term]] = [[]]
    for piece in list(PIECE.finditer(text))[:MOST_PIECES]:
        phrase, word = piece["phrase"], piece["word"]
        if word == "OR" and not piece["no"]:
            alternatives.append([])
            continue
        content = phrase if phrase is not None else word
        if content is None or WORD_CHARACTERS.search(content) is None:
            continue
        is_prefix = phrase is None and content.endswith("*")
        term = Term(content.rstrip("*"), phrase is not None, is_prefix, piece["no"] == "-")
        alternatives[-1].append(term)
    return [terms for terms in alternatives if any(not term.is_excluded for term in terms)]


def as_tsquery(alternatives: list[list[Term]]) -> sa.ColumnElement[Any]:
    """The search as an SQL expression of type tsquery."""
    return _joined([_joined([_term(term) for term in terms], "&&") for terms in alternatives], "||")


def _joined(parts: list[sa.ColumnElement[Any]], operator: str) -> sa.ColumnElement[Any]:
    joined = parts[0]
    for part in parts[1:]:
        joined = sa.type_coerce(joined.op(operator)(part), TSQUERY()).self_group()
    return joined


def _term(term: Term) -> sa.ColumnElement[Any]:
    if term.is_prefix:
        # Quoted as one lexeme, so that nothing in it is read as tsquery syntax.
        quoted = "'" + term.text.replace("\\", "\\\\").replace("'", "''") + "':*"
        query: sa.ColumnElement[Any] = sa.func.to_tsquery(CONFIGURATION, quoted, type_=TSQUERY())
    else:
        query = sa.func.phraseto_tsquery(CONFIGURATION, term.text, type_=TSQUERY())
    return sa.func.tsquery_not(query, type_=TSQUERY()) if term.is_excluded else query
