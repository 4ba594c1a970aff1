"""What else is done with an environment: show what would change, go back, remove it."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

from infra.deploy import deploying, releases, review, versions
from infra.deploy.deploying import Wish
from infra.deploy.errors import Refused
from infra.deploy.place import Place
from infra.deploy.releases import Release

KEPT = {"Retain", "RetainExceptOnCreate"}


def diff(place: Place, wish: Wish) -> int:
    """Show what a deployment would change and change nothing; how many resources. Raises Refused."""
    prepared = deploying.prepare(place, wish, push_images=False)
    offer = place.offer(prepared.release.template_key, prepared.release.parameters)
    if offer.is_empty:
        place.steps.say("CloudFormation has nothing to change.")
        return 0
    review.show(place.steps.console, offer.changes)
    place.stack.withdraw(offer)
    place.steps.say(f"A deployment would make these {len(offer.changes)} changes. Nothing was changed.")
    return len(offer.changes)


def rollback(place: Place, wish: Wish, number: int | None) -> Release:
    """Bring back the release `number`, or the one before the newest; the release noted. The schema stays as it is."""
    place.stack.check_free()
    known = releases.all_of(place.bucket, place.environment)
    target = releases.to_go_back_to(known, number)
    place.steps.say(f"Back to release {target.number}: {target.commit}, deployed {target.deployed_at}")
    behind = len({each.package_key for each in known if each.number > target.number} - {target.package_key})
    if behind > 1:
        place.steps.say(f"! {behind} releases back: the schema may have been contracted since (docs/deployment.md)")
    deploying.bring_back(place, target, wish)
    noted = deploying.note(place, target, known[-1].schema, restores=target.restores or target.number)
    versions.tidy(place)
    return noted


def destroy(place: Place, typed: str | None, *, is_agreed: bool) -> None:
    """Remove the stack of an environment. Raises Refused for production, and for staging unless its name is typed."""
    if place.environment == "production":
        raise Refused("production is never destroyed by this command")
    found = place.stack.describe()
    if found is None:
        raise Refused(f"there is no stack {place.stack.name} in {place.aws.region} of account {place.aws.account_id}")
    _show(place, place.stack.template())
    if place.environment == "staging" and typed != "staging":
        raise Refused("staging is destroyed only when its name is typed: --name staging (NAME=staging)")
    if not is_agreed and not place.confirm(f"Remove {place.stack.name} of account {place.aws.account_id}?"):
        raise Refused("not agreed to: nothing was removed")
    if found.get("EnableTerminationProtection"):
        place.stack.protect(False)
    place.stack.delete()
    place.steps.say(f"{place.stack.name} is removed.")


def _show(place: Place, template: dict[str, Any]) -> None:
    """What of the stack is lost, and what outlives it."""
    table = Table("what becomes of it", "logical id", "type", box=None, pad_edge=False)
    for name, resource in sorted(template["Resources"].items()):
        policy = resource.get("DeletionPolicy", "Delete")
        if policy in KEPT:
            table.add_row("[green]stays[/]", escape(name), escape(resource["Type"]))
        elif policy == "Snapshot":
            table.add_row("[yellow]leaves a last snapshot[/]", escape(name), escape(resource["Type"]))
        elif resource["Type"] in review.STATEFUL:
            table.add_row("[bold red]is lost[/]", escape(name), escape(resource["Type"]))
    place.steps.console.print(table)
    place.steps.say("Everything else is made anew by a deployment. No bucket is emptied: one that is not kept and not")
    place.steps.say("empty stops the removal. What stays is yours to delete; a new stack takes it over.")
