"""CloudWatch Application Signals, asked for the error budget of a service level objective; an answer is kept shortly.

Source: Application Signals API reference, BatchGetServiceLevelObjectiveBudgetReport.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from nightcrew.aws.cloud import ClientMaker
from nightcrew.errors import Unreachable

ASKING = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=1, read_timeout=3)

KEPT = timedelta(seconds=60)
"""How long an answer holds: a storm asks once, and a budget moves slowly."""


@dataclass(frozen=True)
class _Kept:
    """What was learnt: the share that is left, or why it is not known."""

    at: datetime
    left: float = 0.0
    trouble: str = ""


class ApplicationSignals:
    """From an objective's name or ARN and a time: the share of its error budget that is left.

    Needs ``application-signals:BatchGetServiceLevelObjectiveBudgetReport``. The client is made where a policy names an
    objective, and not before.
    """

    def __init__(self, clients: ClientMaker) -> None:
        self._clients = clients
        self._client: Any = None
        self._kept: dict[str, _Kept] = {}

    def __call__(self, slo: str, now: datetime) -> float:
        """Raises Unreachable where it cannot be read, or has no data: whoever asks takes it to be spent."""
        kept = self._kept.get(slo)
        if kept is None or not kept.at <= now < kept.at + KEPT:
            kept = self._kept[slo] = self._ask(slo, now)
        if kept.trouble:
            raise Unreachable(kept.trouble)
        return kept.left

    def _ask(self, slo: str, now: datetime) -> _Kept:
        if self._client is None:
            self._client = self._clients("application-signals", ASKING)
        try:
            told = self._client.batch_get_service_level_objective_budget_report(Timestamp=now, SloIds=[slo])
        except ClientError as error:
            return _Kept(now, trouble=str(error.response.get("Error", {}).get("Code", "Unknown")))
        except BotoCoreError as error:
            return _Kept(now, trouble=str(error))
        reports, errors = told.get("Reports") or [], told.get("Errors") or []
        if not reports:
            return _Kept(now, trouble=str(errors[0].get("ErrorCode")) if errors else "there is no such objective")
        left = left_of(reports[0])
        return _Kept(now, left) if left is not None else _Kept(now, trouble="it has no data yet")


def left_of(report: dict[str, Any]) -> float | None:
    """The share of a report's budget that is left: of seconds where it counts periods, of requests where it counts
    those. None where it does not say. No budget at all (a goal of 100 %) is spent with the first failure.
    """
    if report.get("BudgetStatus") == "INSUFFICIENT_DATA":
        return None
    for total, remaining in (
        ("TotalBudgetSeconds", "BudgetSecondsRemaining"),
        ("TotalBudgetRequests", "BudgetRequestsRemaining"),
    ):
        if remaining in report:
            whole = float(report.get(total) or 0)
            return float(report[remaining]) / whole if whole > 0 else min(0.0, float(report[remaining]))
    return None
