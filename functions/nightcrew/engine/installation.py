"""What a Nightcrew installation consists of: wired once, at a door, and handed down."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import Cloud
from nightcrew.aws.web import Web
from nightcrew.clock import Clock, stamp
from nightcrew.engine.metrics import Meter, Metric, unmetered
from nightcrew.errors import Unreachable
from nightcrew.ledger.store import Store

CloudFor = Callable[[str, Collection[str], str, str], Cloud]
"""The way to AWS for who asks, narrowed to the IAM actions that they declared, for the ARN of a resource; and by the
role of a family, where a runbook asks (else it is empty).
"""

Watch = Callable[[str, Mapping[str, Any]], None]


def nobody(kind: str, what: Mapping[str, Any]) -> None:
    """Nobody watches."""
    del kind, what


def unanswered(callback: str, value: object) -> None:
    """Nothing can be answered here."""
    raise Unreachable(f"callback {callback} cannot be answered from here ({value})")


class Recalls(Protocol):
    """Says what past runs tell about one that would be: JSON, with ``words`` for people; empty where that is nothing.

    It reads a fixed number of times, and raises Unreachable.
    """

    def __call__(
        self, store: Store, now: datetime, *, resource: str, group: str | None, symptom: str, runbook: str
    ) -> Mapping[str, Any]: ...


def nothing_known(
    store: Store, now: datetime, *, resource: str, group: str | None, symptom: str, runbook: str
) -> Mapping[str, Any]:
    """Nothing is remembered."""
    del store, now, resource, group, symptom, runbook
    return {}


@dataclass(frozen=True)
class Installation:
    """Tables, catalog, policy, the way to AWS, and the time. ``watch`` is told what happens, for terminals and logs."""

    store: Store
    catalog: Catalog
    policy: Policy
    clouds: CloudFor
    clock: Clock
    watch: Watch = field(default=nobody)
    answer: Callable[[str, Any], object] = field(default=unanswered)
    """Answers a durable callback by its id: what a person decided, that an alarm is OK, that a run is cancelled."""

    news: Watch = field(default=nobody)
    """Tells people and other systems; see ``engine/news``."""

    web: Cloud = field(default_factory=Web)
    """Asks the pages of a team's own applications."""

    meter: Meter = field(default=unmetered)
    """Writes metrics. What the ledger's entries count for, the store tells it by itself: see ``engine/counting``."""

    recalls: Recalls = field(default=nothing_known)
    """What past runs tell, for who is asked to approve; see ``knowledge/recall/brief``, which is wired at a door."""

    def known(self, *, resource: str, group: str | None, symptom: str, runbook: str) -> dict[str, Any]:
        """What past runs tell, as JSON. ``unknown`` says so where it could not be looked up: no run waits for that."""
        try:
            now = self.clock.now()
            return dict(self.recalls(self.store, now, resource=resource, group=group, symptom=symptom, runbook=runbook))
        except Exception as error:  # noqa: BLE001  whatever is wrong with the past, the run goes on without it
            return {"unknown": f"what past runs tell could not be read: {type(error).__name__}: {error}"[:300]}

    def tell_people(self, kind: str, what: Mapping[str, Any]) -> bool:
        """Send news. Whatever is wrong with its delivery is told to ``watch``, and to nobody else: a run goes on.
        Whether it was delivered.
        """
        try:
            self.news(kind, {"at": stamp(self.clock.now()), **what})
        except Exception as error:  # noqa: BLE001  no trouble of a topic or a bus may end a run
            about = {name: what[name] for name in ("run", "runbook") if what.get(name)}
            self.tell("news failed", {**about, "kind": kind, "words": f"{type(error).__name__}: {error}"[:300]})
            return False
        return True

    def measure(self, metric: Metric, value: float) -> None:
        """Write a metric that has no dimensions of its own. No trouble with it reaches who measures."""
        try:
            self.meter(metric, value, {}, "")
        except Exception as error:  # noqa: BLE001  no trouble of a figure may cost a message or a sweep
            self.tell("not counted", {"words": f"{metric.name}: {type(error).__name__}: {error}"[:300]})

    def tell(self, kind: str, what: Mapping[str, Any]) -> None:
        """Tell ``watch`` what happens, and ``at`` what time."""
        self.watch(kind, {"at": stamp(self.clock.now()), **what})
