"""Deploying: package, upload, show, migrate, execute, look, and back again when it does not work.

Every step may be cut short and done again: what was sent is found by its content, a change set that changes nothing is
done already, a migration applies what is missing, and a release is noted once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from infra.deploy import concurrency, images, migration, packages, releases, review, source, versions
from infra.deploy.errors import Failed, Refused, Stopped
from infra.deploy.images import Image
from infra.deploy.migration import Package
from infra.deploy.place import API_URL, Place
from infra.deploy.releases import Release
from infra.deploy.source import Source
from infra.deploy.stacks import Offer
from infra.packaging.errors import PackageRefused
from infra.packaging.parameters import Values, parameters_of

PROTECTED = ("staging", "production")


@dataclass(frozen=True, slots=True)
class Wish:
    """`may_replace` are logical ids of what holds data and may be lost all the same."""

    allow_dirty: bool = False
    may_replace: Sequence[str] = ()
    is_agreed: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A release that nobody has deployed yet, its template, and the images that have no repository yet."""

    release: Release
    template: dict[str, Any]
    images: list[Image]


def deploy(place: Place, wish: Wish) -> Release:
    """Deploy the checkout; the release noted. Raises Refused (nothing changed) or Failed (says what runs now)."""
    prepared = prepare(place, wish, push_images=True)
    offer = place.offer(prepared.release.template_key, prepared.release.parameters)
    agree(place, offer, wish)
    is_new = place.stack.physical_id(migration.FUNCTION) is None
    before = None if is_new else Package.in_template(place.stack.template())
    migrated = None if is_new else _migrate_ahead(place, offer, prepared.template, before)
    try:
        _execute(place, offer)
    except Failed:
        if place.stack.status() == "UPDATE_ROLLBACK_COMPLETE":
            give_back(place, before)
        raise
    if is_new:
        with place.steps.step("Prepare the schema") as step:
            migrated = migration.run(place.aws.functions, _function(place))
            step.detail = _told(migrated)
    release = _with_images(place, prepared)
    _look(place, release)
    assert migrated is not None
    noted = note(place, release, migrated.current)
    versions.tidy(place)
    return noted


def _with_images(place: Place, prepared: Prepared) -> Release:
    """The release, with what runs in containers too: a new stack had no repositories to take their images from."""
    if not prepared.images:
        return prepared.release
    try:
        found = _images(place, prepared.images, push=True)
    except Refused as refusal:
        raise Failed(f"{refusal}\nEverything else is deployed: deploy again when that is mended.") from refusal
    release = replace(prepared.release, parameters={**prepared.release.parameters, **found})
    _execute(place, place.offer(release.template_key, release.parameters))
    return release


def prepare(place: Place, wish: Wish, *, push_images: bool) -> Prepared:
    """Check everything that can be checked here, package and upload. Raises Refused."""
    parameters, commit = preflight(place, wish)
    with tempfile.TemporaryDirectory(prefix="recruitpro-deploy-") as folder:
        with place.steps.step("Package") as step:
            manifest = _packaged(place, Path(folder) / "package")
            step.detail = f"{manifest['package']['zipped_bytes'] / 1e6:.1f} MB, {manifest['runtime']}"
        with place.steps.step("Upload") as step:
            place.bucket.ensure()
            template_key, package_key, template = packages.upload(Path(folder) / "package", place.bucket)
            step.detail = place.bucket.name
    concurrency.check(place, template, parameters)
    needed = images.wanted(images.known(place.root), template, parameters)
    if needed and push_images:
        images.check(place.aws, place.stack, needed)
    parameters |= _images(place, needed, push=push_images)
    version = str(manifest.get("source", ""))
    release = Release(template_key, package_key, parameters, commit.told, version, schema="")
    return Prepared(release, template, [image for image in needed if image.parameter not in parameters])


def _images(place: Place, needed: list[Image], *, push: bool) -> dict[str, str]:
    if not needed:
        return {}
    with place.steps.step("Container images") as step:
        found = images.provide(place.aws, place.stack, needed, push=push)
        step.detail = ", ".join(found.values()) or "wait for the repositories that the stack will make"
        return found


def preflight(place: Place, wish: Wish) -> tuple[Values, Source]:
    """The parameters and the commit; raises Refused before anything is made or asked of AWS."""
    commit = source.look(place.root)
    source.check(commit, environment=place.environment, allow_dirty=wish.allow_dirty)
    try:
        parameters = parameters_of(place.environment)
    except PackageRefused as refusal:
        raise Refused(f"infra/environments/{place.environment}: {refusal}") from refusal
    aws = place.aws
    place.steps.say(
        f"{place.stack.name}: account {aws.account_id}, {aws.region}, as {aws.caller}, commit {commit.told}"
    )
    _check_copies(place, parameters)
    place.stack.check_free()
    return parameters, commit


def _check_copies(place: Place, parameters: Values) -> None:
    """Copies in the region that is lost are none."""
    abroad = parameters.get("BackupCopyRegion", "")
    elsewhere = f"in infra/environments/{place.environment}.local.yaml"
    if abroad == place.aws.region:
        raise Refused(f"BackupCopyRegion is {abroad}, where the database is: name another region {elsewhere}")
    if abroad and abroad.split("-")[0] != place.aws.region.split("-")[0]:
        place.steps.say(
            f"! snapshots are copied to {abroad}, another part of the world: if they must not, say so {elsewhere}"
        )


def _packaged(place: Place, folder: Path) -> dict[str, Any]:
    try:
        return place.package(place.environment, folder)
    except PackageRefused as refusal:
        raise Refused(f"there is no package: {refusal}") from refusal


def agree(place: Place, offer: Offer, wish: Wish) -> None:
    """Show what would change and have it agreed to; raises Refused and withdraws the offer when it is not."""
    if offer.is_empty:
        place.steps.say("CloudFormation has nothing to change.")
        return
    review.show(place.steps.console, offer.changes)
    try:
        review.check(offer.changes, wish.may_replace)
        if not wish.is_agreed and not place.confirm(
            f"Deploy these {len(offer.changes)} changes to {place.stack.name}?"
        ):
            raise Refused("not agreed to: nothing was changed")
    except (Stopped, KeyboardInterrupt):
        place.stack.withdraw(offer)
        raise


def _function(place: Place) -> str:
    name = place.stack.physical_id(migration.FUNCTION)
    if name is None:
        raise Failed(f"the stack has no {migration.FUNCTION}, which prepares the schema")
    return name


def _migrate_ahead(place: Place, offer: Offer, template: dict[str, Any], before: Package | None) -> migration.Outcome:
    """Migrate with the new package while everything else runs `before`."""
    package = Package.in_template(template)
    assert package is not None
    name = _function(place)
    try:
        with place.steps.step("Migrate the schema, ahead of the code") as step:
            migration.give(place.aws.functions, name, package, poll_seconds=place.pace.poll_seconds)
            outcome = migration.run(place.aws.functions, name)
            step.detail = _told(outcome)
            return outcome
    except (Stopped, KeyboardInterrupt) as stopped:
        give_back(place, before)
        if not offer.is_empty:
            place.stack.withdraw(offer)
        raise Failed(f"{stopped or 'interrupted'}\nThe previous release runs as before.") from stopped


def give_back(place: Place, before: Package | None) -> None:
    """Let the function that migrates run the package that the stack gives it; a failure to is told and nothing more."""
    if before is None:
        return
    try:
        migration.give(place.aws.functions, _function(place), before, poll_seconds=place.pace.poll_seconds)
    except Exception as error:  # whatever it is, the error that led here is the one to be told
        place.steps.say(
            f"! {migration.FUNCTION} keeps the new package until the next deployment, which is safe: {error}"
        )


def _execute(place: Place, offer: Offer) -> None:
    if not offer.is_empty:
        place.steps.say("Execute the change set")
        try:
            place.stack.execute(offer)
        except KeyboardInterrupt:
            raise Failed(
                f"interrupted, and CloudFormation goes on by itself. Look at {place.stack.name}, and deploy again when "
                "it has ended: what was done is not done twice"
            ) from None
    if place.environment in PROTECTED:
        place.stack.protect(True)


def _look(place: Place, release: Release) -> None:
    """The smoke test; when it fails, back to the release before. Raises Failed then."""
    wrong = look(place)
    if not wrong:
        return
    told = "the smoke test failed:\n" + "\n".join(f"  {line}" for line in wrong)
    known = [each for each in releases.all_of(place.bucket, place.environment) if not each.is_like(release)]
    if not known:
        raise Failed(f"{told}\nThere is no earlier release to go back to: this one is left as it is, to be looked at.")
    place.steps.say(told)
    place.steps.say(f"Back to release {known[-1].number} ({known[-1].commit})")
    try:
        bring_back(place, known[-1], Wish(is_agreed=True))
    except Stopped as stopped:
        raise Failed(
            f"{told}\nGOING BACK FAILED TOO: {stopped}\n"
            "Somebody must look now: docs/deployment.md, “When going back fails”."
        ) from stopped
    raise Failed(
        f"{told}\nRelease {known[-1].number} runs again. The schema stays as it grew, and that release works on it."
    )


def look(place: Place) -> list[str]:
    """What the smoke test finds wrong at the stack's own address, one line each."""
    url = place.stack.outputs().get(API_URL)
    if url is None:
        return [f"the stack tells no {API_URL}"]
    place.steps.say(f"Smoke test of {url}")
    return place.smoke(url, place.environment)


def bring_back(place: Place, release: Release, wish: Wish) -> None:
    """Deploy a release as it was, on the schema as it is, and look at it. Raises Refused or Failed."""
    offer = place.offer(release.template_key, release.parameters)
    agree(place, offer, wish)
    _execute(place, offer)
    wrong = look(place)
    if wrong:
        raise Failed(f"release {release.number} is deployed and does not pass either:\n" + "\n".join(wrong))


def note(place: Place, release: Release, schema: str, restores: int | None = None) -> Release:
    """Write the release down as the newest one that works."""
    noted = releases.record(
        place.bucket,
        place.environment,
        replace(release, schema=schema, restores=restores),
        now=place.now(),
        by=place.aws.caller,
    )
    place.steps.say(f"Release {noted.number} of {place.environment} runs: {place.stack.outputs().get(API_URL)}")
    return noted


def _told(outcome: migration.Outcome) -> str:
    applied = f"applied {', '.join(outcome.applied)}" if outcome.applied else "nothing to apply"
    return f"{applied}; it stands at {outcome.current}"
