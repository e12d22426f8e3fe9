"""The Signal: one alarm's change of state, or one event, as everything above needs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from nightcrew.clock import stamp
from nightcrew.signals.happening import Happening


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric that an alarm watches, as the alarm's configuration has it."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    account: str | None = None
    """The account that the metric comes from, where it is not the alarm's own; its resources live there."""


@dataclass(frozen=True, slots=True)
class Contributor:
    """One series of an alarm that watches many: its id, and the attributes that the query groups by."""

    id: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Signal:
    """One change of state of one alarm, or of one contributor to it; or one event that is no alarm's."""

    event: str
    """The event's id. One change of state can come in several events: tell signals apart by ``claim``."""
    form: str
    """``metric``, ``expression`` (metric math), ``anomaly``, ``composite``, ``contributor``, or ``query``: the
    alarm-level event beside the contributors' own, which must start nothing. ``event`` where it is no alarm's."""
    alarm: str
    """The alarm's ARN. Of an event the first of its ``resources``, or its name where it has none."""
    name: str
    """The alarm's name, or the event's: ``aws.rds:RDS DB Instance Event:RDS-EVENT-0007``."""
    account: str
    region: str
    state: str
    """``ALARM``, ``OK`` or ``INSUFFICIENT_DATA``; ``EVENT`` for an event, which has no state."""
    previous: str | None
    """The state before; a contributor's event does not have it."""
    at: datetime
    """When the state changed, in UTC: not when the event was sent or came. Of an event when it happened, as it says."""
    reason: str
    """CloudWatch's words for it, or the sender's, with blanks for control characters. Empty where there are none."""
    metrics: tuple[Metric, ...]
    """What the alarm watches, in the event's order: one metric, or those under an expression. For a contributor the
    query's metric, with the contributor's attributes as dimensions. Empty where the event names none."""
    direction: str | None
    """``high`` or ``low``: the side of the threshold that the metric is on. None when not certain, or not in ALARM."""
    contributor: Contributor | None
    children: tuple[str, ...]
    """ARNs of the alarms in ALARM that put a composite into ALARM: these name what is wrong."""
    tags: Mapping[str, str]
    """The alarm's tags that came with the event."""
    muted_until: datetime | None
    """The end of the mute window, while an alarm mute rule holds."""
    suppressed_by: str | None
    """What suppresses a composite's actions now, like ``WaitPeriod``."""
    tags_known: bool = False
    """The event says that ``tags`` are all the tags that this alarm sends. Otherwise ask CloudWatch for them."""
    happening: Happening | None = None
    """What an event that is no alarm's says: only with the form ``event``."""

    @property
    def claim(self) -> str:
        """What this signal is decided under, once: the alarm, the contributor and the time of the change.

        Equal for a redelivered event, different for every other change. The parts stand between tabs, which none of
        them can have: no two signals share a claim by how their names are spelt. An event's time is in its identity.
        """
        if self.happening is not None:
            return f"{self.name}\t{self.happening.identity}\t"
        return claim_of(self.alarm, self.contributor.id if self.contributor else None, self.at)

    @property
    def target_tracking(self) -> bool:
        """A target-tracking scaling policy made this alarm for itself, and answers it."""
        return self.name.startswith("TargetTracking-")


def claim_of(alarm: str, contributor: str | None, at: datetime) -> str:
    """What a change of state is decided under: see ``Signal.claim``."""
    return f"{alarm}\t{contributor or ''}\t{stamp(at)}"


def symptom_of(signal: Signal, metric: Metric | None) -> str:
    """The key that history, chain and recall share: ``AWS/EC2:StatusCheckFailed_Instance:high``.

    ``metric`` is the one of the signal's metrics that matched. Without one (a composite, an alarm that policy binds by
    its name, an event) the symptom is the signal's name.
    """
    if metric is None:
        return signal.name
    return f"{metric.namespace}:{metric.name}:{signal.direction or 'unknown'}"
