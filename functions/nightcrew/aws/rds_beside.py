"""A database instance, or an Aurora cluster, that is to take another one's place: whose it is, what either is called
meanwhile, and what stays with the old one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nightcrew.aws.tags import RUN_TAG, tags_of

BY_IAM = "who may log in by IAM: such a policy names the resource id, which is new"
"""What no restore brings along."""


def first_is_made_by(run: str, found: Sequence[Any]) -> bool:
    """Whether there is any of these instances or clusters, and the first carries the run's tag."""
    return bool(found) and tags_of(found[0].get("TagList")).get(RUN_TAG) == run


def by_name(
    run: str, found: Iterable[Any], name: str, status: str, address: Callable[[Any], str | None]
) -> dict[str, dict[str, Any]]:
    """Of several, by name: ``{"orders": {"status", "ours", "address"}}``, for a cut-over by rename. ``name`` and
    ``status`` are the members that say so.

    ``ours`` is whether the run made it, by its tag: names move, tags stay (RDS user guide, "Renaming a DB instance").
    While one is being renamed, its status says so.
    """
    return {
        each[name]: {
            "status": "renaming" if (each.get("PendingModifiedValues") or {}).get(name) else each[status],
            "ours": first_is_made_by(run, [each]),
            "address": address(each),
        }
        for each in found
    }


def followers(old: Mapping[str, Any]) -> list[str]:
    """Its replicas, in words."""
    return [f"its replicas {', '.join(old['replicas'])}, which follow the old one"] if old["replicas"] else []


def belongings(old: Mapping[str, Any]) -> list[str]:
    """What is tied to the old one and not made anew, in words."""
    found = [f"its roles {', '.join(old['roles'])}"] if old["roles"] else []
    if old["managed"]:
        found.append("its password in Secrets Manager, which belongs to the old one")
    if old["streams"]:
        found.append("its activity stream")
    return found


def its_stack(old: Mapping[str, Any]) -> list[str]:
    """The stack that made it, in words."""
    stack = old["tags"].get("aws:cloudformation:stack-name")
    return [f"the stack {stack}, which does not know the new one"] if stack else []
