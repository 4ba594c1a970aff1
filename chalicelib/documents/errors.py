"""What can go wrong with documents."""

from __future__ import annotations

from chalicelib.errors import Conflict, Gone, NotFound


class DocumentNotFound(NotFound):
    """No such document in this organization."""

    code = "document_not_found"


class NotClean(Conflict):
    """No byte of a document is read before a clean verdict."""

    code = "not_clean"


class Infected(Gone):
    """The document holds malware; nobody will get it."""

    code = "infected"


class NotAnalysable(Conflict):
    """Documents of this kind, or files of this type, are not analysed."""

    code = "not_analysable"


class NotRead(Conflict):
    """The text of this document has not been read."""

    code = "not_read"


class NotScannable(Conflict):
    """The document's file has not arrived, or is being scanned already."""

    code = "not_scannable"
