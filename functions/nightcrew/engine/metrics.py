"""What Nightcrew counts of itself, for CloudWatch: each metric's name, unit and dimensions, and the one way to write
it.

A metric goes through the function's log, in CloudWatch's embedded metric format: no right and no request is needed.
Each is written at once and by itself, so a warm function keeps nothing of one run for the next. Dimensions have few
values (gates, families, outcomes, the stack's name); the run's id stands in the line beside them, for whoever searches.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

NAMESPACE = "Nightcrew"
STACK = "stack"
"""The dimension that every metric has: two stacks of one account are not added up."""

Unit = Literal["Count", "Seconds"]


@dataclass(frozen=True)
class Metric:
    """One metric; ``dimensions`` are those that it has beside the stack."""

    name: str
    unit: Unit
    dimensions: tuple[str, ...] = ()


ADMITTED = Metric("Admitted", "Count")
"""Runs whose opening entry was written."""
REFUSED = Metric("Refused", "Count", ("gate",))
"""Refusals that were written, at admission or at hold. Equal ones are one entry, and count once."""
ENDED = Metric("Ended", "Count", ("family", "outcome"))
"""Runs whose closing entry was written, whoever wrote it."""
TO_FIRST_CHANGE = Metric("TimeToFirstChange", "Seconds", ("family",))
"""From a run's admission until its first change was made, a person's time to approve among it."""
TO_CURE = Metric("TimeToCure", "Seconds", ("family",))
"""From a run's admission until it was closed as cured, the minutes for which the OK must hold among it."""
QUEUE_AGE = Metric("QueueAge", "Seconds")
"""From the moment when EventBridge sent a message until intake took it up, this time."""
OPEN_RUNS = Metric("OpenRuns", "Count")
"""Runs that were open when the sweeper looked."""
OVERDUE_RUNS = Metric("OverdueRuns", "Count")
"""Of those whose lease had ended, the ones that stayed open after the sweep."""
POLICY_TROUBLE = Metric("PolicyTrouble", "Count")
"""Once a minute in each environment, while the policy's parameter cannot be used."""
DAY_FAILED = Metric("DayFailed", "Count")
"""Parts of the day's job that failed; 0 where all were done."""

METRICS = (
    *(ADMITTED, REFUSED, ENDED, TO_FIRST_CHANGE, TO_CURE),
    *(QUEUE_AGE, OPEN_RUNS, OVERDUE_RUNS, POLICY_TROUBLE, DAY_FAILED),
)

Meter = Callable[[Metric, float, Mapping[str, str], str], None]
"""Takes a metric, its value, its dimensions' values, and the run that it is about, or ""."""


def unmetered(metric: Metric, value: float, dimensions: Mapping[str, str], run: str) -> None:
    """Nobody counts."""
    del metric, value, dimensions, run


def through_log(stack: str) -> Meter:
    """Writes each as one line to stdout, which is the function's log (source: the CloudWatch user guide, "Embedding
    metrics within logs").
    """

    def write(metric: Metric, value: float, dimensions: Mapping[str, str], run: str) -> None:
        from aws_lambda_powertools.metrics import MetricUnit, single_metric

        if set(dimensions) != set(metric.dimensions):
            raise ValueError(f"{metric.name} has the dimensions {metric.dimensions}, not {tuple(dimensions)}")
        with single_metric(metric.name, MetricUnit(metric.unit), value, namespace=NAMESPACE) as line:
            for name, of in {STACK: stack, **dimensions}.items():
                line.add_dimension(name, of)
            if run:
                line.add_metadata("run", run)

    return write
