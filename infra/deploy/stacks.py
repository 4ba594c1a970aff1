"""A stack of CloudFormation: its state, its change sets, and waiting for it while saying what happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.aws import code_of
from infra.deploy.errors import Failed, Refused
from infra.deploy.review import Change

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
NOTHING_TO_CHANGE = ("didn't contain changes", "No updates are to be performed")
WORKS = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "IMPORT_COMPLETE"}
NEVER_MADE = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}
REVIEW = "REVIEW_IN_PROGRESS"
CANCELLED = "cancelled"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to look, and how many seconds a change set and a deployment may take."""

    poll_seconds: float = 5.0
    change_set_seconds: float = 600.0
    deployment_seconds: float = 5400.0  # a Multi-AZ database alone takes half an hour


@dataclass(frozen=True, slots=True)
class Offer:
    """A change set that waits to be executed. An empty one is gone already; one without changes to resources may still
    change outputs, and is none."""

    arn: str
    kind: str
    changes: tuple[Change, ...]
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """The stack `name`. What `say` is told are events as they happen."""

    name: str
    cloudformation: Any
    pace: Pace
    say: Say

    def describe(self) -> dict[str, Any] | None:
        """What CloudFormation says of it; None when there is none, or none that was ever executed."""
        try:
            found: dict[str, Any] = self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if code_of(error) == "ValidationError" and "does not exist" in str(error):
                return None
            raise
        return None if found["StackStatus"] in {REVIEW, "DELETE_COMPLETE"} else found

    def status(self) -> str:
        found = self.describe()
        return "none" if found is None else str(found["StackStatus"])

    def outputs(self) -> dict[str, str]:
        found = self.describe() or {}
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}

    def check_free(self) -> None:
        """Raises Refused when somebody else is at it, or when it is in a state that only a person can end."""
        status = self.status()
        if status in NEVER_MADE:
            raise Refused(
                f"{self.name} is {status}: an earlier attempt to make or delete it failed. Look at its events, then "
                f"remove it (aws cloudformation delete-stack --stack-name {self.name}) and deploy again"
            )
        if status == "UPDATE_ROLLBACK_FAILED":
            raise Refused(self.how_to_continue())
        if status.endswith("_IN_PROGRESS"):
            raise Refused(f"{self.name} is {status}: another deployment is under way. Wait until it has ended")

    def how_to_continue(self) -> str:
        """The words for a stack that could not go back."""
        return (
            f"{self.name} is UPDATE_ROLLBACK_FAILED: neither the new nor the old state holds as a whole. Look at its "
            "events, remove what stood in the way, then: aws cloudformation continue-update-rollback "
            f"--stack-name {self.name} (with --resources-to-skip for what cannot be brought back), and deploy again"
        )

    def template(self) -> dict[str, Any]:
        """The template as it was handed in."""
        found = self.cloudformation.get_template(StackName=self.name, TemplateStage="Original")
        body: dict[str, Any] = found["TemplateBody"]
        return body

    def physical_id(self, logical_id: str) -> str | None:
        """The name of one of its resources; None when it has none of this id."""
        if self.describe() is None:
            return None
        try:
            told = self.cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        except ClientError as error:
            if code_of(error) == "ValidationError":
                return None
            raise
        return told["StackResourceDetail"].get("PhysicalResourceId") or None

    def offer(self, template_url: str, parameters: dict[str, str], tags: dict[str, str], name: str) -> Offer:
        """A change set, described whole; raises Refused when CloudFormation cannot make one."""
        kind = "CREATE" if self.describe() is None else "UPDATE"
        # Buckets outlive their stack: a new stack of the same name takes them over instead of failing at their names.
        also = {"ImportExistingResources": True} if kind == "CREATE" else {}
        made = self.cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=name,
            ChangeSetType=kind,
            TemplateURL=template_url,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in sorted(parameters.items())],
            Capabilities=CAPABILITIES,
            Tags=[{"Key": key, "Value": value} for key, value in sorted(tags.items())],
            **also,
        )
        return self._described(made["Id"], kind)

    def _described(self, arn: str, kind: str) -> Offer:
        deadline = time.monotonic() + self.pace.change_set_seconds
        while True:
            told = self.cloudformation.describe_change_set(ChangeSetName=arn, StackName=self.name)
            reason = told.get("StatusReason", "")
            if told["Status"] == "CREATE_COMPLETE":
                return Offer(arn, kind, tuple(self._changes(arn, told)))
            if told["Status"] == "FAILED":
                self.withdraw(Offer(arn, kind, ()))
                if any(words in reason for words in NOTHING_TO_CHANGE):
                    return Offer(arn, kind, (), is_empty=True)
                raise Refused(f"CloudFormation cannot make a change set: {reason or 'it does not say why'}")
            if time.monotonic() > deadline:
                raise Refused(f"the change set was not ready within {self.pace.change_set_seconds:.0f} s")
            time.sleep(self.pace.poll_seconds)

    def _changes(self, arn: str, told: dict[str, Any]) -> Iterator[Change]:
        while True:
            yield from (Change.of(each) for each in told.get("Changes", ()))
            if not told.get("NextToken"):
                return
            told = self.cloudformation.describe_change_set(
                ChangeSetName=arn, StackName=self.name, NextToken=told["NextToken"]
            )

    def withdraw(self, offer: Offer) -> None:
        """Delete a change set, and the empty shell of a stack that was made for it."""
        self.cloudformation.delete_change_set(ChangeSetName=offer.arn, StackName=self.name)
        if offer.kind == "CREATE" and self.describe() is None:
            self.cloudformation.delete_stack(StackName=self.name)

    def execute(self, offer: Offer) -> None:
        """Do it and wait. Raises Failed with the reasons when CloudFormation went back, or could not."""
        before = self._newest_event()
        try:
            self.cloudformation.execute_change_set(ChangeSetName=offer.arn, StackName=self.name)
        except ClientError as error:
            if code_of(error) in {"InvalidChangeSetStatus", "InvalidChangeSetStatusException", "ChangeSetNotFound"}:
                raise Refused(f"somebody else deployed meanwhile: this change set holds no more ({error})") from error
            raise
        self.wait(before)

    def wait(self, before: str | None) -> None:
        """Until nothing is in progress, saying every event after `before`."""
        deadline, reasons = time.monotonic() + self.pace.deployment_seconds, list[str]()
        while True:
            status = self.status()
            for event in self._events_since(before):
                before = event["EventId"]
                self._tell(event, reasons)
            if not status.endswith("_IN_PROGRESS") or status in WORKS:
                break
            if time.monotonic() > deadline:
                raise Failed(
                    f"{self.name} is still {status} after {self.pace.deployment_seconds / 60:.0f} minutes. "
                    "CloudFormation goes on: look at its events, and deploy again when it has ended"
                )
            time.sleep(self.pace.poll_seconds)
        if status == "none" or status in WORKS:
            return
        why = "\n".join(f"  {reason}" for reason in reasons) or "  its events give no reason"
        after = self.how_to_continue() if status == "UPDATE_ROLLBACK_FAILED" else self._what_runs(status)
        raise Failed(f"CloudFormation failed:\n{why}\n{after}")

    def _what_runs(self, status: str) -> str:
        if status == "UPDATE_ROLLBACK_COMPLETE":
            return "It went back by itself: the previous release runs as before."
        return f"{self.name} is {status}."

    def _tell(self, event: dict[str, Any], reasons: list[str]) -> None:
        what, status = event["LogicalResourceId"], event["ResourceStatus"]
        reason = event.get("ResourceStatusReason", "")
        self.say(f"{event['Timestamp']:%H:%M:%S} {status:<28} {what} {reason}".rstrip())
        if status.endswith("FAILED") and CANCELLED not in reason:
            reasons.append(f"{what} ({event['ResourceType']}): {reason or status}")

    def _newest_event(self) -> str | None:
        for event in self._events():
            return str(event["EventId"])
        return None

    def _events_since(self, before: str | None) -> list[dict[str, Any]]:
        """The events after `before`, oldest first."""
        found = []
        for event in self._events():
            if event["EventId"] == before:
                break
            found.append(event)
        return found[::-1]

    def _events(self) -> Iterator[dict[str, Any]]:
        try:
            for page in self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=self.name):
                yield from page["StackEvents"]
        except ClientError as error:
            if "does not exist" not in str(error):  # a stack that was deleted has none under its name
                raise

    def delete(self) -> None:
        """Delete it and wait; raises Failed with the reasons."""
        before = self._newest_event()
        self.cloudformation.delete_stack(StackName=self.name)
        self.wait(before)

    def protect(self, is_protected: bool) -> None:
        """Whether CloudFormation itself refuses to delete the stack."""
        self.cloudformation.update_termination_protection(StackName=self.name, EnableTerminationProtection=is_protected)


def when(now: datetime) -> str:
    """`now` as a part of a change set's name."""
    return now.strftime("%Y%m%d-%H%M%S")
