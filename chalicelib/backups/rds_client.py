"""RDS by boto3: what RDS raises becomes an error of ours that says what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chalicelib.backups.rds import (
    Busy,
    Instance,
    Missing,
    Place,
    QuotaExceeded,
    RdsUnavailable,
    Refused,
    Snapshot,
    Tags,
    Taken,
)
from chalicelib.errors import RecruitProError
from chalicelib.logs import log

KINDS: dict[str, Callable[[str], RecruitProError]] = {
    "DBSnapshotAlreadyExists": Taken,
    "DBInstanceAlreadyExists": Taken,
    "InvalidDBInstanceState": Busy,
    "InvalidDBSnapshotState": Busy,
    "SnapshotQuotaExceeded": QuotaExceeded,
    "InstanceQuotaExceeded": QuotaExceeded,
    "StorageQuotaExceeded": QuotaExceeded,
    "InsufficientDBInstanceCapacity": Busy,
    "DBSnapshotNotFound": Missing,
    "DBInstanceNotFound": Missing,
    "Throttling": RdsUnavailable,
    "ThrottlingException": RdsUnavailable,
    "RequestLimitExceeded": RdsUnavailable,
    "ServiceUnavailable": RdsUnavailable,
    "InternalFailure": RdsUnavailable,
}
MADE_FOR_NOBODY = {
    "MultiAZ": False,
    "PubliclyAccessible": False,
    "DeletionProtection": False,
    "AutoMinorVersionUpgrade": False,
    "CopyTagsToSnapshot": False,
    "EnableIAMDatabaseAuthentication": False,
}


def _ask(call: Callable[..., Any], **wish: Any) -> Any:
    """The answer of one call, or our error for what it raised."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return call(**wish)
    except ClientError as refusal:
        code = str(refusal.response.get("Error", {}).get("Code", ""))
        kind = KINDS.get(code.removesuffix("Fault"))
        if kind is None:
            kind = RdsUnavailable if _status(refusal) >= 500 else Refused
        log.warning("rds_said_no", operation=refusal.operation_name, code=code)
        raise kind(f"RDS answers {refusal.operation_name} with {code}") from refusal
    except BotoCoreError as silence:
        raise RdsUnavailable("RDS does not answer now") from silence


def _status(refusal: Any) -> int:
    return int(refusal.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _pages(client: Any, operation: str, field: str, **wish: Any) -> list[dict[str, Any]]:
    """All that an operation lists, page by page."""
    found: list[dict[str, Any]] = []
    marker: dict[str, str] = {}
    while True:
        answer = _ask(getattr(client, operation), **wish, **marker)
        found += answer[field]
        if not answer.get("Marker"):
            return found
        marker = {"Marker": answer["Marker"]}


def _pairs(tags: Tags) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _tags(described: dict[str, Any]) -> dict[str, str]:
    return {pair["Key"]: pair["Value"] for pair in described.get("TagList", [])}


def _utc(at: datetime | None) -> datetime | None:
    return at and at.astimezone(UTC)


class RdsSnapshots:
    """The snapshots of one region. Copies are encrypted with `kms_key`, a key of this region."""

    def __init__(self, client: Any, region: str, *, kms_key: str | None = None) -> None:
        self._client, self.region, self._kms_key = client, region, kms_key

    def all(self) -> list[Snapshot]:
        found = _pages(self._client, "describe_db_snapshots", "DBSnapshots", SnapshotType="manual")
        return [self._snapshot(each) for each in found]

    def _snapshot(self, described: dict[str, Any]) -> Snapshot:
        return Snapshot(
            described["DBSnapshotIdentifier"],
            described["DBSnapshotArn"],
            self.region,
            described["Status"],
            _utc(described.get("OriginalSnapshotCreateTime") or described.get("SnapshotCreateTime")),
            _tags(described),
            described.get("AllocatedStorage", 0),
        )

    def create(self, name: str, instance: str, tags: Tags) -> None:
        wish = {"DBSnapshotIdentifier": name, "DBInstanceIdentifier": instance, "Tags": _pairs(tags)}
        try:
            _ask(self._client.create_db_snapshot, **wish)
        except Missing as missing:
            raise Refused(f"there is no instance {instance} to take a snapshot of") from missing

    def copy(self, source: Snapshot, name: str, tags: Tags) -> None:
        key = {"KmsKeyId": self._kms_key} if self._kms_key else {}
        _ask(
            self._client.copy_db_snapshot,
            SourceDBSnapshotIdentifier=source.arn,
            TargetDBSnapshotIdentifier=name,
            SourceRegion=source.region,  # boto3 signs a request to that region with it
            CopyTags=False,
            Tags=_pairs(tags),
            **key,
        )

    def tag(self, snapshot: Snapshot, tags: Tags) -> None:
        _ask(self._client.add_tags_to_resource, ResourceName=snapshot.arn, Tags=_pairs(tags))

    def delete(self, snapshot: Snapshot) -> None:
        _ask(self._client.delete_db_snapshot, DBSnapshotIdentifier=snapshot.name)


class RdsInstances:
    """The instances of one region."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def all(self) -> list[Instance]:
        return [_instance(each) for each in _pages(self._client, "describe_db_instances", "DBInstances")]

    def restore(self, snapshot: Snapshot, name: str, place: Place, tags: Tags) -> None:
        _ask(
            self._client.restore_db_instance_from_db_snapshot,
            DBInstanceIdentifier=name,
            DBSnapshotIdentifier=snapshot.name,
            DBInstanceClass=place.instance_class,
            DBSubnetGroupName=place.subnet_group,
            VpcSecurityGroupIds=[place.security_group],
            Tags=_pairs(tags),
            **MADE_FOR_NOBODY,
        )

    def keep_password(self, name: str) -> None:
        _ask(
            self._client.modify_db_instance,
            DBInstanceIdentifier=name,
            ManageMasterUserPassword=True,
            ApplyImmediately=True,
        )

    def unprotect(self, name: str) -> None:
        _ask(
            self._client.modify_db_instance, DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True
        )

    def delete(self, name: str) -> None:
        _ask(
            self._client.delete_db_instance,
            DBInstanceIdentifier=name,
            SkipFinalSnapshot=True,
            DeleteAutomatedBackups=True,
        )


def _instance(described: dict[str, Any]) -> Instance:
    endpoint, secret = described.get("Endpoint", {}), described.get("MasterUserSecret", {})
    return Instance(
        described["DBInstanceIdentifier"],
        described["DBInstanceStatus"],
        _tags(described),
        endpoint.get("Address"),
        endpoint.get("Port", 5432),
        described.get("MasterUsername", ""),
        bool(secret),
        secret.get("SecretArn") if secret.get("SecretStatus") == "active" else None,
        described.get("DeletionProtection", False),
    )
