"""Old versions of the API's function, which SnapStart charges for as long as they are kept.

Nothing goes back to one: a rollback deploys an earlier package, which becomes a version of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from infra.deploy.place import Place

FUNCTION, ALIAS = "APIHandler", "live"


def tidy(place: Place) -> None:
    """Delete versions that are no longer asked. Whatever stands in the way is told in a line: the release works."""
    try:
        name = place.stack.physical_id(FUNCTION)
        deleted = [] if name is None else _delete(place.aws.functions, name)
    except Exception as error:  # a deployment that went well is not to end with an error for this
        place.steps.say(f"! old versions of {FUNCTION} are kept until the next deployment: {error}")
        return
    if deleted:
        place.steps.say(f"Deleted old versions of {FUNCTION}: {', '.join(map(str, deleted))}")


def superfluous(asked: Iterable[int], known: Iterable[int]) -> list[int]:
    """Of the `known` versions those older than the ones `asked` by the alias, but for the newest of them: somebody may
    look at what ran before. A version above them is somebody's who deploys meanwhile."""
    older = sorted(version for version in known if version < min(asked))
    return older[:-1]


def _delete(functions: Any, name: str) -> list[int]:
    alias = functions.get_alias(FunctionName=name, Name=ALIAS)
    also = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights", {})
    pages = functions.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    listed = [each["Version"] for page in pages for each in page["Versions"]]
    known = [int(version) for version in listed if version != "$LATEST"]
    old = superfluous([int(version) for version in (alias["FunctionVersion"], *also)], known)
    for version in old:
        functions.delete_function(FunctionName=name, Qualifier=str(version))
    return old
