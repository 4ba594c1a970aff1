"""Why a file of candidates cannot be read as a whole. What is wrong with one row only is a `Problem` of that row."""

from __future__ import annotations

from chalicelib.errors import Invalid


class ImportUnreadable(Invalid):
    """Nothing can be imported from this file as it is, and reading it again will not help."""

    code = "import_unreadable"
    title = "Import file cannot be read"


class ImportEmpty(ImportUnreadable):
    code = "import_empty"

    def __init__(self) -> None:
        super().__init__("the file has no rows; choose it again and upload it once more")


class FormatUnknown(ImportUnreadable):
    code = "format_unknown"

    def __init__(self) -> None:
        super().__init__("the file is neither CSV, XLSX nor JSON; export it as one of these")


class HeaderMissing(ImportUnreadable):
    """The first row holds a person, not the names of columns."""

    code = "header_missing"

    def __init__(self, cell: str) -> None:
        super().__init__(
            f"the first row looks like a person, not like column names: it holds {cell[:60]!r}; "
            "put a row of names such as name, email, phone above it"
        )


class HeaderUnusable(ImportUnreadable):
    code = "header_unusable"

    def __init__(self, why: str) -> None:
        super().__init__(f"the first row cannot be used as column names: {why}")


class SheetUnreadable(ImportUnreadable):
    """The workbook is damaged, or built to exhaust whoever opens it."""

    code = "sheet_unreadable"

    def __init__(self, why: str) -> None:
        super().__init__(f"the workbook cannot be read: {why}; save it as CSV and upload that")


class TooManyRows(ImportUnreadable):
    code = "too_many_rows"

    def __init__(self, max_rows: int) -> None:
        super().__init__(f"the file has more than {max_rows:,} rows; split it into several", max_rows=max_rows)


class MappingWrong(Invalid):
    """The mapping that was asked for names fields or columns that do not exist; all of them are listed."""

    code = "mapping_wrong"
    title = "Mapping does not fit the file"

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("the mapping does not fit the file", errors)
