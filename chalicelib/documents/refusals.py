"""Why a file is refused before anybody reads it, in words for the person who uploaded it."""

from __future__ import annotations

from chalicelib.errors import Invalid

MIB = 1024 * 1024


class StructureRefused(Invalid):
    """The file is not built as it should be; the same bytes will be refused again."""

    code = "structure_refused"
    title = "File refused"


class FileEmpty(StructureRefused):
    """There is not one byte in it."""

    code = "file_empty"

    def __init__(self) -> None:
        super().__init__("the file is empty; choose it again and upload it once more")


class SizeMismatch(StructureRefused):
    """What was stored has another length than what was announced."""

    code = "size_mismatch"

    def __init__(self, announced_bytes: int, stored_bytes: int) -> None:
        super().__init__(
            f"the file was announced with {announced_bytes} bytes, but {stored_bytes} arrived; upload it once more"
        )


class TypeNotAllowed(StructureRefused):
    """A kind of file that we do not take here."""

    code = "type_not_allowed"


class TypeMismatch(StructureRefused):
    """Name, declared content type and content tell different stories."""

    code = "type_mismatch"


class ArchiveEncrypted(StructureRefused):
    """A member of the archive needs a password."""

    code = "archive_encrypted"

    def __init__(self) -> None:
        super().__init__("the archive is protected by a password, so it cannot be checked; save it without one")


class ArchiveTooDeep(StructureRefused):
    """Archives within archives, beyond the limit."""

    code = "archive_too_deep"

    def __init__(self, max_depth: int) -> None:
        super().__init__(f"the archive holds archives within archives; at most {max_depth} levels are accepted")


class ArchiveTooBig(StructureRefused):
    """Unpacked, it is larger than we accept."""

    code = "archive_too_big"

    def __init__(self, max_unpacked_bytes: int) -> None:
        super().__init__(f"unpacked, the file is larger than the {max_unpacked_bytes / MIB:g} MiB that are accepted")


class ArchiveRatio(StructureRefused):
    """It unpacks to suspiciously much, as an archive bomb does."""

    code = "archive_ratio"

    def __init__(self, max_ratio: int) -> None:
        super().__init__(f"a part of the file unpacks to more than {max_ratio} times its size, as only a trap does")


class ArchiveTooManyEntries(StructureRefused):
    """More members than we accept."""

    code = "archive_too_many_entries"

    def __init__(self, max_entries: int) -> None:
        super().__init__(f"the archive holds more than the {max_entries} files that are accepted")


class ArchiveBadName(StructureRefused):
    """A member's name would lead outside the folder it is unpacked into."""

    code = "archive_bad_name"

    def __init__(self) -> None:
        super().__init__("a file inside the archive has a name that points outside of it or cannot be used")


class ArchiveDamaged(StructureRefused):
    """The parts of the archive contradict each other, or there is data that belongs to no part."""

    code = "archive_damaged"

    def __init__(self, what: str) -> None:
        super().__init__(f"the file is damaged or was tampered with: {what}; save it anew and upload it once more")


class MacrosNotAllowed(StructureRefused):
    """It carries a program that runs when the document is opened."""

    code = "macros_not_allowed"

    def __init__(self) -> None:
        super().__init__("the document contains macros; save it as PDF or as a document without macros")


class EmbeddedObject(StructureRefused):
    """It carries another file that a document of this sort has no need for."""

    code = "embedded_object"

    def __init__(self) -> None:
        super().__init__(
            "another file or a program is embedded in the document; remove it, or save the document as PDF"
        )


class FileEncrypted(StructureRefused):
    """It opens with a password only."""

    code = "file_encrypted"

    def __init__(self) -> None:
        super().__init__("the document is protected by a password, so it cannot be read; save it without one")


class PartsLocked(StructureRefused):
    """It opens without a password, but the objects that tell what it does are encrypted."""

    code = "parts_locked"

    def __init__(self) -> None:
        super().__init__(
            "the document is locked against changes, which also hides its parts from being checked; "
            "save or print it to a new PDF without restrictions"
        )


class ActiveContent(StructureRefused):
    """It runs a script, or starts something, when it is opened or clicked at."""

    code = "active_content"

    def __init__(self) -> None:
        super().__init__(
            "the document carries a script or starts a program when it is used; print it to a new PDF and upload that"
        )


class ExternalContent(StructureRefused):
    """It fetches a part of itself from elsewhere, which nobody can check beforehand."""

    code = "external_content"

    def __init__(self) -> None:
        super().__init__(
            "the document fetches a template, object or field from elsewhere when it is opened; save it as PDF instead"
        )


class HiddenContent(StructureRefused):
    """Beside what it is announced as, it is something else: to another program, or behind its end."""

    code = "hidden_content"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the file holds more than its type has room for: {what}; save it anew and upload it once more"
        )


class PictureTooBig(StructureRefused):
    """Shown, it would take more memory than a reader has."""

    code = "picture_too_big"

    def __init__(self, max_pixels: int) -> None:
        super().__init__(f"the picture has more than the {max_pixels:,} pixels that are accepted; save a smaller one")
