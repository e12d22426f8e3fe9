"""The alarms that a runbook's triggers want and nobody made: for each managed resource, each trigger about it."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.authoring.triggers import Alarm
from nightcrew.aws.arns import ResourceName
from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import Cloud
from nightcrew.aws.pages import pages
from nightcrew.dispatch.backtest.events import configuration_of
from nightcrew.dispatch.backtest.recorded import RecordedAlarm
from nightcrew.dispatch.coverage.firing import ANY_SERIES, grouped
from nightcrew.signals import Contributor
from nightcrew.signals.watched import watched_at

tagging = calls("resourcegroupstaggingapi")

PERMISSIONS = ("tag:GetResources",)
MANAGED = {"Key": "nightcrew", "Values": ["managed"]}
"""The tag by which Nightcrew's roles may act on a resource (template.yaml)."""

_SOME = re.compile(r"\s(WHERE|LIMIT)\s", re.IGNORECASE)


@dataclass(frozen=True)
class Lacking:
    """An alarm that there is not. ``dimensions`` are those that the resource's ARN tells; ``open`` are the dimensions
    whose values only a person knows.
    """

    runbook: str
    trigger: Alarm
    resource: str
    dimensions: Mapping[str, str]
    open: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "runbook": self.runbook,
            "resource": self.resource,
            "namespace": self.trigger.namespace,
            "metric": self.trigger.metric,
            "direction": self.trigger.direction,
            "dimensions": dict(self.dimensions),
            "open": list(self.open),
        }


def managed(cloud: Cloud) -> list[str]:
    """The ARNs of what is tagged for Nightcrew in this Region. Raises CallFailed, Unreachable."""
    asked = tagging.get_resources(TagFilters=[MANAGED])
    return sorted(
        str(each["ResourceARN"])
        for page in pages(cloud, asked, "PaginationToken")
        for each in page.get("ResourceTagMappingList", [])
    )


def lacking(
    resources: Sequence[str], alarms: Collection[RecordedAlarm], catalog: Catalog, only: Collection[str] = ()
) -> list[Lacking]:
    """What is missing, by runbook and resource; ``only`` of these runbooks, where some are named."""
    watched = {_watched(metric) for alarm in alarms for metric in _metrics(alarm.described)}
    queried = {one for alarm in alarms if (one := _queried(alarm.described)) is not None}
    return [
        missing
        for runbook in catalog.values()
        if not only or runbook.name in only
        for resource in resources
        for missing in _of(runbook, resource)
        if not _there(missing, watched) and not _in_a_query(missing, queried)
    ]


def _of(runbook: Runbook, resource: str) -> Iterator[Lacking]:
    known = named(runbook.form.resources[runbook.resource], runbook.resource, resource)
    if known is None:
        return
    for trigger in runbook.triggers:
        if isinstance(trigger, Alarm):
            told = {dimension: known[name] for name, dimension in trigger.parameters.items() if name in known}
            unknown = tuple(dimension for name, dimension in trigger.parameters.items() if name not in known)
            yield Lacking(runbook.name, trigger, resource, {**trigger.where, **told}, unknown)


def named(marker: ResourceName, parameter: str, arn: str) -> dict[str, str] | None:
    """The values of ``parameter``, and of what it is within, in an ARN of that kind; None where it is of another."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[2] != marker.service or "{}" not in marker.path:
        return None
    pattern, names = "", []
    for literal, name, _, _ in Formatter().parse(marker.path):
        pattern += re.escape(literal).replace(re.escape("*"), "[^:]*")
        if name is not None:
            names.append(name or parameter)
            pattern += "([^/:]+)" if name else "(.+)"
    found = re.fullmatch(pattern, parts[5])
    if found is None:
        return None
    values = dict(zip(names, found.groups(), strict=True))
    return values if re.fullmatch(marker.pattern, values[parameter]) else None


def _there(missing: Lacking, watched: Collection[tuple[str, str, frozenset[tuple[str, str]]]]) -> bool:
    """Whether some alarm watches it: with these dimensions, and any values for those that are open."""
    wanted = set(missing.dimensions.items())
    names = {*missing.dimensions, *missing.open}
    return any(
        (namespace, metric) == (missing.trigger.namespace, missing.trigger.metric)
        and wanted <= dimensions
        and {name for name, _ in dimensions} == names
        for namespace, metric, dimensions in watched
    )


def _in_a_query(missing: Lacking, queried: Collection[tuple[str, str, frozenset[str]]]) -> bool:
    """Whether it is one of the series of a query that watches them all."""
    names = frozenset({*missing.dimensions, *missing.open})
    return (missing.trigger.namespace, missing.trigger.metric, names) in queried


def _queried(described: Mapping[str, Any]) -> tuple[str, str, frozenset[str]] | None:
    """What a query watches of everything there is: namespace, metric and the labels by which it groups. One that
    chooses (WHERE), or that takes the first few (LIMIT), need not watch what is asked about.
    """
    labels = dict.fromkeys(grouped(described), ANY_SERIES)
    if not labels or any(_SOME.search(str(each.get("Expression"))) for each in described["Metrics"]):
        return None
    watched = watched_at(configuration_of(described), Contributor(ANY_SERIES, labels))
    return (watched[0].namespace, watched[0].name, frozenset(labels)) if watched else None


def _metrics(described: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if described.get("MetricName"):
        yield described
    for query in described.get("Metrics") or ():
        metric = (query.get("MetricStat") or {}).get("Metric")
        if metric:
            yield metric


def _watched(metric: Mapping[str, Any]) -> tuple[str, str, frozenset[tuple[str, str]]]:
    dimensions = frozenset((str(each.get("Name")), str(each.get("Value"))) for each in metric.get("Dimensions") or ())
    return str(metric.get("Namespace")), str(metric.get("MetricName")), dimensions
