"""What an alarm watches: the form of its configuration, and the metrics in it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nightcrew.signals.reading import bad, is_account, part, prose, text, texts
from nightcrew.signals.signal import Contributor, Metric

_WHERE = "detail.configuration"

# SELECT AVG(CPUUtilization) FROM "AWS/EC2" … or … FROM SCHEMA("AWS/EC2", InstanceId) …; quotes where a name needs them.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
_SELECT = re.compile(
    r"""SELECT\s+\w+\(\s*(?:"([^"]+)"|([^\s")]+))\s*\)\s+FROM\s+(?:SCHEMA\s*\(\s*)?(?:"([^"]+)"|([^\s",()]+))""",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\sGROUP\s+BY\s", re.IGNORECASE)


def watched_by(configuration: Mapping[str, Any], account: str, reason: str) -> tuple[str, tuple[Metric, ...]]:
    """The form of an alarm's own event, and its candidate metrics in the event's order.

    A Metrics Insights query is ``query`` where it groups, that is, where its contributors send events of their own, and
    ``expression`` where it gives one series.
    """
    if configuration.get("metrics") is None:
        if isinstance(configuration.get("alarmRule"), str):
            return "composite", ()
        # PromQL: the API names the criteria so; the user guide shows no such event.
        if configuration.get("evaluationCriteria") is not None:
            return "query", ()
        raise bad(_WHERE, configuration, "it must have metrics, alarmRule or evaluationCriteria")
    form = "metric"
    metrics: list[Metric] = []
    for entry, where in _entries(configuration):
        if entry.get("metricStat") is not None:
            metrics.append(_metric(entry, where, account))
            continue
        expression = _expression(entry, where)
        if expression[:6].upper() == "SELECT" and (_GROUPED.search(expression) or " time series " in reason):
            return "query", ()
        if "ANOMALY_DETECTION_BAND" in expression:
            form = "anomaly"
        elif form != "anomaly":
            form = "expression"
    if form == "metric" and len(metrics) > 1:
        form = "expression"
    return form, tuple(metrics)


def watched_at(configuration: Mapping[str, Any], contributor: Contributor) -> tuple[Metric, ...]:
    """The metric of a contributor: the query's, with the contributor's attributes as dimensions.

    Nothing where no query names one, as with PromQL.
    """
    if configuration.get("metrics") is None:
        return ()
    for entry, where in _entries(configuration):
        if entry.get("metricStat") is None:
            named = _SELECT.match(_expression(entry, where))
            if named:
                metric, plain_metric, namespace, plain_namespace = named.groups()
                return (Metric(namespace or plain_namespace, metric or plain_metric, contributor.attributes),)
    return ()


def _entries(configuration: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    entries = configuration["metrics"]
    if not isinstance(entries, list) or not entries:
        raise bad(f"{_WHERE}.metrics", entries, "it must be a list with at least one metric or expression")
    for position, entry in enumerate(entries):
        where = f"{_WHERE}.metrics[{position}]"
        if not isinstance(entry, dict):
            raise bad(where, entry, "it must be an object with metricStat or expression")
        yield entry, where


def _metric(entry: Mapping[str, Any], where: str, account: str) -> Metric:
    place = f"{where}.metricStat.metric"
    metric = part(part(entry, "metricStat", where), "metric", f"{where}.metricStat")
    other = entry.get("accountId")
    if other is not None and not is_account(other):
        raise bad(f"{where}.accountId", other, "it must be an account id of 12 digits")
    return Metric(
        text(metric, "namespace", place),
        text(metric, "name", place),
        texts(metric, "dimensions", place),
        None if other == account else other,
    )


def _expression(entry: Mapping[str, Any], where: str) -> str:
    expression = prose(entry, "expression", where).strip()  # prose, since a query may run over several lines
    if not expression:
        raise bad(where, entry, "it must be an object with metricStat or expression")
    return expression
