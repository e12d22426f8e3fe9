"""Which alarms a runbook can answer: triggers, and the index that finds them; ``events`` has those of other events.

A trigger says what a runbook *can* answer; policy says what it *does*. CloudWatch metrics with other dimensions are
other metrics (``CPUUtilization`` by ``InstanceId`` is one machine, by ``AutoScalingGroupName`` a whole group), so a
trigger's dimensions must be the metric's, all of them and no others.
"""

import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from nightcrew.authoring.events import Event, EventIndex
from nightcrew.errors import BadDeclaration
from nightcrew.signals import Metric

Direction = Literal["high", "low", "any"]
"""Where the alarm's value lies: above its threshold, below it, or either. ``any`` still wants it to be known."""

_ANSWERS: Mapping[str, tuple[str, ...]] = {"high": ("high",), "low": ("low",), "any": ("high", "low")}


@dataclass(frozen=True, init=False)
class Alarm:
    """A trigger: an alarm on this metric, in this direction, can be answered by the runbook that declares it.

    >>> trigger = Alarm("AWS/RDS", "DatabaseConnections", direction="high", cluster="DBClusterIdentifier")
    >>> trigger.parameters
    {'cluster': 'DBClusterIdentifier'}

    Keyword arguments map a parameter of the runbook to the dimension that fills it. ``where`` fixes the value of a
    dimension. Together they must name the metric's dimensions exactly. Raises BadDeclaration with the caller's file
    and line. (A parameter that is itself called ``direction`` or ``where`` cannot be mapped.)
    """

    namespace: str
    metric: str
    direction: Direction
    parameters: Mapping[str, str] = field(hash=False)
    where: Mapping[str, str] = field(hash=False)
    dimensions: frozenset[str] = field(repr=False)

    def __init__(
        self,
        namespace: str,
        metric: str,
        /,
        *,
        direction: Direction,
        where: Mapping[str, str] | None = None,
        **parameters: str,
    ) -> None:
        fixed = dict(where or {})
        _check(namespace, metric, direction, fixed, parameters)
        for name, value in (
            ("namespace", namespace),
            ("metric", metric),
            ("direction", direction),
            ("parameters", parameters),
            ("where", fixed),
            ("dimensions", frozenset(parameters.values()) | frozenset(fixed)),
        ):
            object.__setattr__(self, name, value)

    @property
    def about(self) -> str:
        """``AWS/EC2 StatusCheckFailed_Instance``."""
        return f"{self.namespace} {self.metric}"

    def mismatch(self, metric: Metric, direction: str | None) -> str | None:
        """Why this trigger does not answer that metric, in words; None where it does."""
        if (metric.namespace, metric.name) != (self.namespace, self.metric):
            return f"it answers {self.namespace} {self.metric}"
        if direction not in _ANSWERS[self.direction]:
            return f"it answers {self.direction}, and the alarm is {direction or 'of unknown direction'}"
        if self.dimensions != frozenset(metric.dimensions):
            return f"it answers the metric by {_names(self.dimensions)}, and this one is by {_names(metric.dimensions)}"
        for dimension, value in self.where.items():
            if metric.dimensions[dimension] != value:
                return f"it wants {dimension} to be {value}, and it is {metric.dimensions[dimension]}"
        return None


Trigger = Alarm | Event
"""What a runbook declares that it can answer."""


class Found(NamedTuple):
    """A runbook that can answer, the trigger by which, and its pairs of parameter and dimension."""

    runbook: str
    trigger: Alarm
    pairs: tuple[tuple[str, str], ...]

    def take(self, metric: Metric) -> dict[str, str]:
        """The runbook's parameters, as text, out of the metric for which it was found."""
        dimensions = metric.dimensions
        return {parameter: dimensions[dimension] for parameter, dimension in self.pairs}


_ByValues = tuple[tuple[str, ...], dict[tuple[str, ...], tuple[Found, ...]]]


class TriggerIndex:
    """Finds the runbooks that can answer a metric, in about the same time for ten triggers as for ten thousand.

    ``events`` finds those that can answer an event beyond alarms.
    """

    def __init__(self, entries: Iterable[tuple[str, Trigger]]) -> None:
        plain: dict[str, list[Found]] = {}
        fixed: dict[str, dict[tuple[str, ...], dict[tuple[str, ...], list[Found]]]] = {}
        self._named: dict[tuple[str, str], list[Found]] = {}
        pairs: dict[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]] = {}
        others: list[tuple[str, Event]] = []
        for runbook, trigger in entries:
            if isinstance(trigger, Event):
                others.append((runbook, trigger))
                continue
            own = tuple(trigger.parameters.items())
            found = Found(runbook, trigger, pairs.setdefault(own, own))
            self._named.setdefault((trigger.namespace, trigger.metric), []).append(found)
            for direction in _ANSWERS[trigger.direction]:
                key = _key(trigger.namespace, trigger.metric, direction, trigger.dimensions)
                if trigger.where:
                    names = tuple(sorted(trigger.where))
                    values = tuple(trigger.where[name] for name in names)
                    fixed.setdefault(key, {}).setdefault(names, {}).setdefault(values, []).append(found)
                else:
                    plain.setdefault(key, []).append(found)
        self.events = EventIndex(others)
        # Nearly every key has one trigger, without a tuple around it: the memory that a look-up touches is its time.
        self._only = {key: found[0] for key, found in plain.items() if len(found) == 1 and key not in fixed}
        self._plain = {key: tuple(found) for key, found in plain.items() if key not in self._only}
        self._fixed: dict[str, list[_ByValues]] = {
            key: [(names, {values: tuple(found) for values, found in each.items()}) for names, each in by_names.items()]
            for key, by_names in fixed.items()
        }

    def find(self, metric: Metric, direction: str | None) -> tuple[Found, ...]:
        """Every trigger that answers this metric in this direction; an unknown direction (None) finds nothing."""
        dimensions = metric.dimensions
        key = _key(metric.namespace, metric.name, direction, dimensions)
        only = self._only.get(key)
        if only is not None:
            return (only,)
        found = self._plain.get(key, ())
        for names, by_values in self._fixed.get(key, ()):
            found += by_values.get(tuple([dimensions[name] for name in names]), ())
        return found

    def why_not(self, metric: Metric, direction: str | None, most: int = 3) -> str:
        """Why nothing was found, in words for people: what the nearest triggers would have wanted."""
        near = [(found.runbook, found.trigger.mismatch(metric, direction)) for found in self._near(metric)]
        said = [f"{runbook}: {why}" for runbook, why in near if why]
        if not said:
            return f"no runbook answers {metric.namespace} {metric.name}"
        more = f"; and {len(said) - most} more" if len(said) > most else ""
        return "; ".join(said[:most]) + more

    def _near(self, metric: Metric) -> list[Found]:
        return self._named.get((metric.namespace, metric.name), [])


def _check(
    namespace: str, metric: str, direction: str, where: Mapping[str, object], parameters: Mapping[str, object]
) -> None:
    if not _is_name(namespace) or not _is_name(metric):
        raise _bad("Alarm", f"{namespace} {metric}", "a namespace and a metric's name, in printable characters")
    if direction not in _ANSWERS:
        raise _bad("direction", direction, f"one of {', '.join(_ANSWERS)}")
    for parameter, dimension in parameters.items():
        if not _is_name(dimension):
            raise _bad(parameter, dimension, "the name of the dimension that fills it")
    for dimension, value in where.items():
        if not _is_name(dimension) or not _is_name(value):
            raise _bad("where", {dimension: value}, "a dimension's name and its value, in printable characters")


def _is_name(text: object) -> bool:
    return isinstance(text, str) and text != "" and text.isprintable()


def _bad(field_name: str, value: object, allowed: str) -> BadDeclaration:
    # The trigger does not know its runbook yet; the line that declares it does as well. Frames: _bad, _check, __init__.
    caller = sys._getframe(3)  # noqa: SLF001  what inspect offers for it looks at the source, at each error
    return BadDeclaration(f"{caller.f_code.co_filename}:{caller.f_lineno}", field_name, value, allowed)


def _key(namespace: str, metric: str, direction: str | None, dimensions: Collection[str]) -> str:
    # One text, not a tuple of four objects (and shared pairs): again, less memory to touch.
    # No part holds a tab: a signal's texts have no control characters, and a trigger's are refused if they have one.
    names = "\t".join(sorted(dimensions) if len(dimensions) > 1 else dimensions)
    return f"{namespace}\t{metric}\t{direction}\t{names}"


def _names(dimensions: Iterable[str]) -> str:
    return " and ".join(sorted(dimensions)) or "no dimension"
