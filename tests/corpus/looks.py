"""The way of an upload: its announcement, its key, the gate and clamd, as functions/ have it, without the bucket."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from urllib.parse import unquote_plus

from pydantic import ValidationError

from chalicelib.documents import structure
from chalicelib.documents.limits import limits_for
from chalicelib.documents.models import ids_in_key
from chalicelib.documents.scanner import ScanIncomplete, Scanner
from chalicelib.documents.scanning import Looked
from chalicelib.documents.schemas import NewDocument
from chalicelib.documents.structure import StructureRefused
from chalicelib.settings import Settings
from tests.corpus.sample import Expected, Sample


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a sample: the document's status, why, and how long gate and scanner took, in milliseconds."""

    sample: Sample
    status: str
    why: str
    gate_ms: float
    total_ms: float

    @property
    def is_fail_open(self) -> bool:
        return self.sample.expected is Expected.STOPPED and self.status == "clean"

    @property
    def is_false_alarm(self) -> bool:
        return self.sample.expected is Expected.CLEAN and self.status != "clean"


def look(sample: Sample, scanner: Scanner, settings: Settings) -> Outcome:
    """What becomes of this sample. Raises whatever is not one of the declared refusals, since that is a bug."""
    size_bytes = len(sample.content) if sample.size_bytes is None else sample.size_bytes
    try:
        if sample.key is not None:
            ids_in_key(unquote_plus(sample.key))
        NewDocument.model_validate(
            {
                "filename": sample.filename,
                "content_type": sample.content_type,
                "size_bytes": size_bytes,
                "kind": sample.kind,
            }
        )
    except ValidationError:
        return Outcome(sample, "rejected", "not announced so", 0, 0)
    except ValueError:
        return Outcome(sample, "rejected", "not a key of ours", 0, 0)
    return _look_at_content(sample, size_bytes, scanner, settings)


def _look_at_content(sample: Sample, size_bytes: int, scanner: Scanner, settings: Settings) -> Outcome:
    stream, began = io.BytesIO(sample.content), time.perf_counter()
    seen, gate_ms = began, 0.0
    try:
        file_type = structure.inspect(
            stream,
            filename=sample.filename,
            content_type=sample.content_type,
            size_bytes=size_bytes,
            kind=sample.kind,
            limits=limits_for(sample.kind, settings),
        )
        seen = time.perf_counter()
        looked = Looked("", scanner.scan(stream), None, file_type)
    except (StructureRefused, ScanIncomplete) as refusal:
        seen = time.perf_counter() if seen == began else seen
        looked = Looked("", None, refusal)
    gate_ms, total_ms = (seen - began) * 1000, (time.perf_counter() - began) * 1000
    signature = looked.verdict.signature if looked.verdict else None
    why = looked.refusal.code if looked.refusal else signature or ""
    return Outcome(sample, looked.status.value, why, gate_ms, total_ms)
