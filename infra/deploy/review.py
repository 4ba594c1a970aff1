"""What a change set would do, for people to read; and what must not be lost by a slip."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.deploy.errors import Refused

# What holds something that cannot be made again.
STATEFUL = (
    "AWS::S3::Bucket",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBCluster",
    "AWS::SecretsManager::Secret",
    "AWS::SQS::Queue",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::DynamoDB::Table",
    "AWS::Backup::BackupVault",
)
LOST_WITHOUT_HARM = ("AWS::Logs::LogGroup",)  # shown in red, and let through: a renamed function has a new log


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that a change set touches."""

    action: str
    logical_id: str
    type: str
    replacement: str = "False"
    scope: tuple[str, ...] = ()
    policy: str = ""

    @classmethod
    def of(cls, told: dict[str, Any]) -> Change:
        """From an entry of DescribeChangeSet."""
        change = told["ResourceChange"]
        return cls(
            action=change["Action"],
            logical_id=change["LogicalResourceId"],
            type=change["ResourceType"],
            replacement=change.get("Replacement", "False"),
            scope=tuple(change.get("Scope", ())),
            policy=change.get("PolicyAction", ""),
        )

    @property
    def loses_the_old_one(self) -> bool:
        """Whether the resource that is there now goes, or may go."""
        return self.action in {"Remove", "Dynamic"} or self.replacement in {"True", "Conditional"}

    @property
    def is_dangerous(self) -> bool:
        return self.loses_the_old_one and self.type in STATEFUL


def show(console: Console, changes: Iterable[Change]) -> None:
    """A table: what is lost first, then what goes, changes and comes."""
    order = {"Remove": 1, "Dynamic": 2, "Modify": 3, "Import": 4, "Add": 5}
    ranked = sorted(changes, key=lambda c: (not c.is_dangerous, order.get(c.action, 9), c.type, c.logical_id))
    table = Table("action", "logical id", "type", "replacement", "of it", box=None, pad_edge=False)
    for change in ranked:
        style = "bold red" if change.is_dangerous else {"Remove": "yellow", "Add": "green"}.get(change.action, "")
        replaced = {"False": "", "True": "yes", "Conditional": "perhaps"}[change.replacement]
        told = ", ".join(filter(None, (*change.scope, change.policy)))
        table.add_row(*map(escape, (change.action, change.logical_id, change.type, replaced, told)), style=style)
    console.print(table)


def check(changes: Iterable[Change], allowed: Iterable[str]) -> None:
    """Raises Refused when something that holds data would go, unless its logical id is among `allowed`."""
    lost = [change for change in changes if change.is_dangerous and change.type not in LOST_WITHOUT_HARM]
    unheard = [change for change in lost if change.logical_id not in set(allowed)]
    if unheard:
        names = ", ".join(f"{change.logical_id} ({change.type})" for change in unheard)
        ways = " ".join(f"--allow-replacing {change.logical_id}" for change in unheard)
        raise Refused(f"this would remove or replace what holds data: {names}. If that is meant: {ways}")
