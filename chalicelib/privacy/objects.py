"""A person's files: every version in every bucket, and exports in which they may stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chalicelib import clients
from chalicelib.clients import Bucket
from chalicelib.documents.models import object_key
from chalicelib.privacy.places import Footprint

DOCUMENTS_LIE_IN = (Bucket.UPLOADS, Bucket.CLEAN, Bucket.QUARANTINE)


@dataclass(slots=True)
class Erased:
    """Versions deleted, by what they were; and those that a lock keeps, with their bucket and until when."""

    counts: dict[str, int] = field(default_factory=dict)
    kept: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, bucket: Bucket, prefix: str, *, locked_until: str | None = None) -> None:
        """Delete everything in a bucket below a prefix, and count it under `name`."""
        wiped = clients.storage(bucket).wipe(prefix)
        self.counts[name] = self.counts.get(name, 0) + wiped.versions
        if wiped.kept:
            self.kept.append({"bucket": bucket.value, "versions": wiped.kept, "until": locked_until})


def erase(organization_id: UUID, found: Footprint) -> Erased:
    """Delete a person's documents with all their versions, the files by which they were imported, and all that jobs
    have written for somebody to fetch: any export may hold the person, and whoever still needs one asks for it again.
    Raises StorageUnavailable."""
    erased = Erased()
    for name, document_ids in (("documents", found.documents), ("imports", found.import_files)):
        for document_id in document_ids:
            for bucket in DOCUMENTS_LIE_IN:
                until = found.locks.get(str(document_id))
                erased.add(name, bucket, object_key(organization_id, document_id), locked_until=until)
    for import_id in found.imports:
        erased.add("imports", Bucket.EXPORTS, f"imports/{organization_id}/{import_id}/")
    erased.add("exports", Bucket.EXPORTS, f"exports/{organization_id}/")
    return erased
