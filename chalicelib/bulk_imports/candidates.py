"""A row judged: the candidate it stands for, or everything that speaks against it."""

from __future__ import annotations

from chalicelib.bulk_imports.candidate_row import CandidateRow, Findings
from chalicelib.bulk_imports.columns import ColumnMapping
from chalicelib.bulk_imports.resume_candidates import read_resume
from chalicelib.bulk_imports.rows import RawRow, RowProblems
from chalicelib.bulk_imports.table_candidates import read_cells


def read_candidate(row: RawRow, mapping: ColumnMapping) -> CandidateRow | RowProblems:
    """The candidate of a row, or all its problems at once. A JSON Resume (an object with `basics`) needs no mapping."""
    if row.problems:
        return RowProblems(row.line, row.problems)
    found = Findings(row.line)
    is_resume = "basics" in row.values and isinstance(row.values["basics"], dict)
    candidate = read_resume(row, found) if is_resume else read_cells(row, mapping.columns, found)
    if found.problems or candidate is None:
        return RowProblems(row.line, tuple(found.problems))
    return candidate
