"""What can go wrong with market research and the salary data it counts."""

from __future__ import annotations

from chalicelib.errors import Invalid, NotFound


class ResearchNotFound(NotFound):
    """No such market research in this organization."""

    code = "research_not_found"


class SalaryDataNotFound(NotFound):
    """Nothing was imported from this document, or it is none of the organization's."""

    code = "salary_data_not_found"


class SalaryFileTooBig(Invalid):
    code = "salary_file_too_big"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"a file of salary data may hold {max_bytes:,} bytes; split it into several")


class SalaryFileTooLong(Invalid):
    code = "salary_file_too_long"

    def __init__(self, max_rows: int) -> None:
        super().__init__(f"a file of salary data may hold {max_rows:,} rows; split it into several", max_rows=max_rows)


class SalaryColumnsMissing(Invalid):
    """The file says of no row what it is about."""

    code = "salary_columns_missing"

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"the file has no column for: {', '.join(missing)}", missing=missing)
