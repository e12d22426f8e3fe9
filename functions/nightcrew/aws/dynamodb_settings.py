"""What a DynamoDB table has beside its data, and how far another table is like it.

A restore brings data, keys, indexes, billing mode, capacity and encryption along, and loses everything else (API
reference, RestoreTableToPointInTime: "You must manually set up the following on the restored table: auto scaling
policies, IAM policies, Amazon CloudWatch metrics and alarms, tags, stream settings, Time to Live settings, point in
time recovery settings"; also developer guide, "Restore a table in DynamoDB"). Deletion protection, resource policy,
Kinesis destinations and Contributor Insights stand in neither list: they belong to the table's name, which is new.
``dynamodb_reapply`` sets them again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nightcrew.aws.tags import MOST_TAGS, RUN_TAG, tags_with_run


@dataclass(frozen=True)
class Settings:
    """A table's settings, each as the probe of that name in ``dynamodb`` and ``application_autoscaling`` gives it."""

    table: Mapping[str, Any]
    recovery: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)
    expiry: str | None = None
    policy: Mapping[str, Any] | None = None
    kinesis: list[dict[str, Any]] = field(default_factory=list)
    insights: list[dict[str, Any]] = field(default_factory=list)
    targets: list[dict[str, Any]] = field(default_factory=list)
    scaling: list[dict[str, Any]] = field(default_factory=list)
    schedules: list[dict[str, Any]] = field(default_factory=list)

    def arn_of(self, name: str) -> str:
        """The ARN of another table in the same account and Region."""
        return f"{self.table['arn'].split(':table/')[0]}:table/{name}"

    @property
    def scales(self) -> bool:
        """Whether its capacity scales by itself. A table on demand may still have targets from before: they do
        nothing.
        """
        return self.table["billing"] == "PROVISIONED" and bool(self.targets)


def scalable_resources(table: Mapping[str, Any]) -> list[str]:
    """The table and its global indexes, as Application Auto Scaling names them; at most 21."""
    indexes = [name for name, index in table["indexes"].items() if index[0] == "global"]
    return [f"table/{table['name']}", *(f"table/{table['name']}/index/{name}" for name in sorted(indexes))]


def tags_for(settings: Settings, run: str) -> dict[str, str]:
    """The tags for the new table: the old one's, and the run's id, if there is room for it."""
    return tags_with_run(settings.tags, run)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Where the new table is not the old one's like in what a restore must bring along: keys, indexes, billing,
    encryption.
    """
    found = [_unlike(word, old[word], new[word]) for word in ("keys", "billing", "encryption")]
    names = sorted({*old["indexes"], *new["indexes"]})
    found += [_unlike(f"index {name}", old["indexes"].get(name), new["indexes"].get(name)) for name in names]
    return [difference for difference in found if difference]


def drift(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Where it differs in what a person may want otherwise, and what a run leaves as the restore made it.

    Capacity: the API reference says that it is the old table's of today, the developer guide that it is the one of
    the time to which was restored. Table class: restores come as STANDARD, and it may be changed twice in 30 days
    only.
    """
    found = [_unlike("table class", old["class"], new["class"])]
    for word in ("capacity", "on_demand"):
        for name in sorted({*old[word], *new[word]}):
            what = {"capacity": "capacity", "on_demand": "on-demand limit"}[word] + (
                f" of index {name}" if name else ""
            )
            found.append(_unlike(what, old[word].get(name), new[word].get(name)))
    return [difference for difference in found if difference]


def left_behind(settings: Settings) -> list[str]:
    """What neither the restore nor this runbook brings along: for a person, before the cut-over."""
    name = settings.table["name"]
    found = [
        f"alarms and dashboards that watch {name}",
        f"IAM policies, backup plans and configuration that name {name}",
    ]
    stack = settings.tags.get("aws:cloudformation:stack-name")
    if stack:
        found.append(f"the stack {stack}, which does not know the new table")
    if settings.table["stream"]:
        found.append(f"what reads the stream of {name}, and a policy on that stream")
    if settings.table["replicas"]:
        found.append(f"the replicas in {', '.join(settings.table['replicas'])}: the new table is no global table")
    if settings.policy and settings.policy["text"] is None:
        found.append(f"its resource policy: {settings.policy['length']} characters are too long to be carried over")
    if settings.scales:
        found += [
            f"scaling policy {each['name']}: its metric is its own" for each in settings.scaling if not each["tracking"]
        ]
        found += [
            f"scheduled scaling {each['name']}: it does not repeat"
            for each in settings.schedules
            if not each["repeats"]
        ]
    if len(tags_for(settings, "")) == MOST_TAGS and RUN_TAG not in tags_for(settings, ""):
        found.append(f"the tag {RUN_TAG}: {name} has {MOST_TAGS} tags already")
    return found


def _unlike(what: str, old: Any, new: Any) -> str | None:
    return None if old == new else f"{what}: {_shown(old)}, now {_shown(new)}"


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return " / ".join(map(str, value)) if isinstance(value, list) else str(value)
