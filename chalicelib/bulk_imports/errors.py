"""What can go wrong with imports and exports."""

from __future__ import annotations

from chalicelib.errors import Conflict, Gone, NotFound, Unavailable


class ImportNotFound(NotFound):
    """No such import in this organization."""

    code = "import_not_found"


class NotAnImport(Conflict):
    """Only a document that was uploaded as an import is imported."""

    code = "not_an_import"


class ImportNotUndoable(Conflict):
    """The import is not finished, was undone already, is too long ago, or has changed nothing."""

    code = "import_not_undoable"


class PersonArrived(Unavailable):
    """Somebody else added a person of this import in the same moment; the rows are looked at again."""

    code = "import_collided"


class ExportNotFound(NotFound):
    """No such export in this organization."""

    code = "export_not_found"


class ExportNotReady(Conflict):
    """The export is still being written, or failed."""

    code = "export_not_ready"


class ExportExpired(Gone):
    """The export was kept for its time; ask for it again."""

    code = "export_expired"


class ExportOutdated(Unavailable):
    """Somebody was erased while the export was written; it is written anew."""

    code = "export_outdated"
