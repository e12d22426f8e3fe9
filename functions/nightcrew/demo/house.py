"""What a test of a runbook works with: a crew, its scripted cloud, and what the ledger says afterwards."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.plan import Plan, plan
from nightcrew.authoring.runbook import FAMILIES, Runbook
from nightcrew.aws.cloud import ClientMaker, Cloud
from nightcrew.clock import Clock, SkippingClock, stamp
from nightcrew.demo.embedded import ACCOUNT, REGION, Crew, clients_of, crew, embedded_cloud
from nightcrew.demo.scripted import Scripted
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import entries
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Store

EVERYTHING_RUNS = "defaults: {breaker: 10000}\nrules:\n" + "".join(
    f"  - when: {{family: {family}}}\n    autonomy: auto\n" for family in FAMILIES
)
"""A policy for tests. One cloud for all of them, so one breaker for all the failures that they provoke: it must not
open.
"""


@dataclass
class House:
    """``scripted`` is AWS as the runbook sees it; ``crew.client`` is AWS as it is."""

    crew: Crew
    scripted: Scripted
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @classmethod
    def build(
        cls,
        clients: ClientMaker,
        scripted: Scripted,
        catalog: Catalog,
        policy: Policy,
        clock: Clock,
        store: Store | None = None,
    ) -> "House":
        """Wire it over a store: in memory unless given, so that a run finds no trace of other tests, and its ledger
        costs a hundredth of what moto's tables do. The ledger's own requests are not in the script's log.
        """
        told: list[tuple[str, dict[str, Any]]] = []

        def clouds(who: str, permissions: Any, resource: str, family: str) -> Cloud:
            del resource, family
            return Cloud(scripted, permissions, who)

        def watch(kind: str, what: Mapping[str, Any]) -> None:
            told.append((kind, dict(what)))

        made = crew(
            policy,
            clients=clients,
            clock=clock,
            catalog=catalog,
            clouds=clouds,
            watch=watch,
            store=store or MemoryStore(),
            looks=1,  # nobody else can answer
        )
        return cls(made, scripted, told)

    def start(self, runbook: str, **parameters: Any) -> tuple[str, dict[str, Any]]:
        """A person starts it; returns the run's id and how it ended (``outcome``, ``words``)."""
        answer, ended = self.crew.person(runbook, **parameters)
        if answer.run is None or ended is None or ended.status != "SUCCEEDED":
            raise AssertionError(f"{runbook} did not run: {answer}, {ended}")
        return answer.run, ended.result

    def alarmed(self, event: Mapping[str, Any], dimensions: Mapping[str, str], *, state: str = "OK") -> dict[str, Any]:
        """The event as an alarm of this test's own sends it now, about these dimensions instead.

        ``state`` is what the alarm itself says when it is asked, whether it was cured.
        """
        sent = json.loads(json.dumps(event))
        detail = sent["detail"]
        metric = detail["configuration"]["metrics"][0]["metricStat"]["metric"]
        metric["dimensions"] |= dimensions
        name = "-".join(["alarm", *metric["dimensions"].values()])
        detail["alarmName"] = name
        sent["resources"] = [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"]
        detail["state"]["timestamp"] = sent["time"] = stamp(self.crew.installation.clock.now())
        client = self.crew.client("cloudwatch")
        client.put_metric_alarm(
            AlarmName=name,
            Namespace=metric["namespace"],
            MetricName=metric["name"],
            Dimensions=[{"Name": key, "Value": value} for key, value in metric["dimensions"].items()],
            Statistic="Average",
            Period=60,
            EvaluationPeriods=3,
            Threshold=80.0,
            ComparisonOperator="GreaterThanThreshold",
        )
        client.set_alarm_state(AlarmName=name, StateValue=state, StateReason="Threshold Crossed")
        return dict(sent)

    def plan(self, runbook: str, **parameters: Any) -> Plan:
        """What it would do."""
        found = self.crew.installation.catalog[runbook]
        checked = found.form.validate(parameters)
        arn = found.arn(checked, account=ACCOUNT, region=REGION)
        return plan(
            found, checked, arn, Cloud(self.scripted, found.permissions, found.name), self.crew.installation.clock
        )

    def entries(self, run: str) -> list[Entry]:
        """The run's chain."""
        return entries(self.crew.store, run)

    def facts(self, run: str) -> list[dict[str, Any]]:
        """Every fact of the run, in order."""
        return [fact for entry in self.entries(run) for fact in entry.body.get("facts", [])]

    def closing(self, run: str) -> dict[str, Any]:
        """The body of its closing entry."""
        last = self.entries(run)[-1]
        if last.kind != "closing":
            raise AssertionError(f"the run has not closed: {last}")
        return dict(last.body)


@contextmanager
def rehearsal(*runbooks: Runbook) -> Iterator[House]:
    """A house of one's own, with these runbooks and an embedded cloud for as long as the block lasts: for a package
    whose tests are not ours. To start one takes seconds, so one for a whole file of tests; name resources anew in each.
    """
    with embedded_cloud():
        clients = cache(clients_of())
        scripted = Scripted(clients_of())
        yield House.build(clients, scripted, Catalog(runbooks), load(EVERYTHING_RUNS), SkippingClock())
