"""What is killed: a runbook, the resource that it is made for, and how its run is started."""

import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.clock import SystemClock, stamp
from nightcrew.demo.embedded import ACCOUNT, REGION
from tests.kill.cloud import Refuse
from tests.kill.night import Story, to_its_end

EVENTS = Path(__file__).parents[2] / "events"


@dataclass(frozen=True)
class Start:
    """How the run is started: by an alarm's event, or by hand with parameters; and which requests the cloud refuses."""

    event: Mapping[str, Any] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    refuse: tuple[Refuse, ...] = ()


class Arranging:
    """The cloud, for who arranges a resource in it or looks at it afterwards."""

    def __init__(self, clients: ClientMaker) -> None:
        self._clients = cache(clients)

    def client(self, service: str) -> Any:
        return self._clients(service, READING)

    def alarm(self, event: str, dimensions: Mapping[str, str], *, state: str = "OK") -> dict[str, Any]:
        """An event of ``events/`` as an alarm on these dimensions sends it now; asked whether it is cured, the alarm
        says ``state``.
        """
        sent: dict[str, Any] = json.loads((EVENTS / f"{event}.json").read_text())
        detail = sent["detail"]
        metric = detail["configuration"]["metrics"][0]["metricStat"]["metric"]
        metric["dimensions"] |= dimensions
        detail["state"]["timestamp"] = sent["time"] = stamp(SystemClock().now())
        sent["resources"] = [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{detail['alarmName']}"]
        self.client("cloudwatch").put_metric_alarm(
            AlarmName=detail["alarmName"],
            Namespace=metric["namespace"],
            MetricName=metric["name"],
            Dimensions=[{"Name": name, "Value": value} for name, value in metric["dimensions"].items()],
            Statistic="Average",
            Period=60,
            EvaluationPeriods=3,
            Threshold=80.0,
            ComparisonOperator="GreaterThanThreshold",
        )
        self.client("cloudwatch").set_alarm_state(
            AlarmName=detail["alarmName"], StateValue=state, StateReason="Threshold Crossed"
        )
        return sent


@dataclass(frozen=True)
class Scenario:
    """A way through a runbook that is killed at each of its points.

    ``arrange`` makes the resource, in an empty cloud, and says how the run starts; names that come into titles must be
    the same each time. ``afterwards`` looks at what became of it: the same as if nobody had been killed. ``outcome`` is
    the run's, if nobody is; where there are several, in order: "succeeded, refused, cured". ``catalog`` and ``policy``
    are for runbooks that are not in ours. ``story`` is what each life plays. ``lost_news`` are
    kinds of news that a kill may lose.
    """

    runbook: str
    arrange: Callable[[Arranging], Start]
    afterwards: Callable[[Arranging], Any]
    outcome: str
    words: str = "as it should"
    catalog: Catalog | None = None
    policy: Policy | None = None
    story: Story = to_its_end
    lost_news: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return f"{self.runbook}, {self.words}"


def scenario_of(runbook: str) -> Scenario:
    """The scenario of a runbook: ``SCENARIO`` in ``scenarios/<its name with underscores>.py``."""
    found: Scenario = importlib.import_module(f"tests.kill.scenarios.{runbook.replace('-', '_')}").SCENARIO
    return found
