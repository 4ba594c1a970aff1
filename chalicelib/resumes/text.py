"""The text that a person sees in a document, and where on which page it stands.

Offsets count Unicode code points in the whole text. Pages are joined by one form feed, which belongs to no page, so
`text[page.start:page.end]` is a page and every quote can be checked with one slice.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

PAGE_BREAK = "\f"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `number` counts from 1, `start` and `end` are offsets in the whole text."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DocumentText:
    """What stands visibly in a document."""

    text: str
    pages: tuple[Page, ...]

    @classmethod
    def of_pages(cls, page_texts: list[str]) -> DocumentText:
        """The text of these pages, in order."""
        pages, start = [], 0
        for number, page_text in enumerate(page_texts, start=1):
            pages.append(Page(number, start, start + len(page_text)))
            start += len(page_text) + len(PAGE_BREAK)
        return cls(PAGE_BREAK.join(page_texts), tuple(pages))

    def page_number_at(self, offset: int) -> int:
        """The number of the page that holds `offset`; ValueError when it is outside the text."""
        if not self.pages or not 0 <= offset <= len(self.text):
            raise ValueError(f"offset {offset} is outside the text")
        return self.pages[bisect_right([page.start for page in self.pages], offset) - 1].number

    def quote(self, start: int, end: int) -> Quote:
        """The passage between two offsets, ready to be shown and checked again."""
        return Quote(self.text[start:end], self.page_number_at(start), start, end)

    def stands_here(self, quote: Quote) -> bool:
        """Whether `quote` is found verbatim at its offsets and on its page."""
        if not 0 <= quote.start < quote.end <= len(self.text):
            return False
        return self.text[quote.start : quote.end] == quote.quote and self.page_number_at(quote.start) == quote.page


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage of a document: its words, its page (from 1) and its offsets in the whole text."""

    quote: str
    page: int
    start: int
    end: int
