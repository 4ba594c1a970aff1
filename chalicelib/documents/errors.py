"""What can go wrong with documents."""

from __future__ import annotations

from chalicelib.errors import Conflict, Forbidden, Gone, Invalid, NotFound


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


class BytesChanged(Invalid):
    """What is stored is not what was scanned."""

    code = "bytes_changed"

    def __init__(self) -> None:
        super().__init__("the stored file is not the one that was scanned")


class ReleaseNotFound(NotFound):
    """Nobody has asked for this document's release."""

    code = "release_not_found"


class NotReleasable(Conflict):
    """Only a file in quarantine, which a signature was found in, can be released."""

    code = "not_releasable"


class ReleaseNotOpen(Conflict):
    """The release is decided or being carried out."""

    code = "release_not_open"


class SecondAdminNeeded(Forbidden):
    """Whoever asked for a release cannot approve it."""

    code = "second_admin_needed"
