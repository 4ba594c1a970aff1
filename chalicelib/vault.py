"""The versions of one secret in Secrets Manager."""

from __future__ import annotations

from typing import Any

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"


class SecretsManagerVault:
    """A secret whose versions are read, made and staged one by one."""

    def __init__(self, secrets: Any, arn: str) -> None:
        self._secrets, self._arn = secrets, arn

    def stages(self) -> dict[str, list[str]]:
        """The stages of each version; a version in none of them may be there or not."""
        described = self._secrets.describe_secret(SecretId=self._arn)
        stages: dict[str, list[str]] = described.get("VersionIdsToStages", {})
        return stages

    def text(self, version: str, stage: str) -> str | None:
        """The text of a version that is at a stage; None when there is none."""
        try:
            answer = self._secrets.get_secret_value(SecretId=self._arn, VersionId=version, VersionStage=stage)
        except self._secrets.exceptions.ResourceNotFoundException:
            return None
        text: str | None = answer.get("SecretString")
        return text

    def put_pending(self, version: str, text: str) -> None:
        """Make a version with this text, pending; one that was made in the same moment stays as it is."""
        try:
            self._secrets.put_secret_value(
                SecretId=self._arn, ClientRequestToken=version, SecretString=text, VersionStages=[PENDING]
            )
        except self._secrets.exceptions.ResourceExistsException:
            return

    def make_current(self, version: str, *, instead_of: str | None) -> None:
        """Let a version be the current one; the one before becomes the previous one by it."""
        left = {"RemoveFromVersionId": instead_of} if instead_of is not None else {}
        self._secrets.update_secret_version_stage(
            SecretId=self._arn, VersionStage=CURRENT, MoveToVersionId=version, **left
        )
