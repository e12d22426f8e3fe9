"""The alarm that ``nightcrew smoke`` makes up, and why it can do no harm.

- It is about a queue that was never there: its name has the second and eight letters that were drawn. So whatever
  decides about it finds nothing to act on, and the only runbook that answers it (``redrive-dead-letters``) reads
  first, and ends as *not applicable* where there is no queue.
- Its tag ``nightcrew:autonomy=observe`` comes with its event, and a tag lowers what policy allows: intake writes down
  what it would have done, and starts nothing.
- Before anything is made, the stack's own policy is asked what it would make of it (``check``): where a binding takes
  alarms of such a name for something else, nothing is made.
- It has no actions, so it tells nobody; it is deleted in the end, whatever happened. What stays is an entry in the
  ledger, from which nobody deletes.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore import exceptions as aws

from nightcrew.admission.policy import AUTONOMY_TAG, Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.exits import NotHere
from nightcrew.clock import Clock, stamp
from nightcrew.dispatch.ids import new_run_id
from nightcrew.dispatch.matching import match
from nightcrew.errors import Unreachable
from nightcrew.signals import signal_from

RUNBOOK = "redrive-dead-letters"
PARAMETER = "queue"
METRIC = {"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible"}
"""What triggers it, when too high."""

REASON = "Threshold Crossed: 1 datapoint [1.0] was greater than the threshold (0.0). nightcrew smoke made this up."

NEEDS = ("DeleteAlarms", "ListTagsForResource", "PutMetricAlarm", "SetAlarmState", "TagResource")
"""Actions of CloudWatch, on alarms of that name."""


@dataclass(frozen=True)
class MadeUp:
    """The alarm's name, and that of the queue which it says that it watches."""

    alarm: str
    queue: str
    account: str
    region: str

    @classmethod
    def now(cls, stack: str, account: str, region: str, clock: Clock) -> "MadeUp":
        """One that was never there."""
        drawn = new_run_id(clock.now())
        return cls(f"{stack}-smoke-{drawn}", f"nightcrew-smoke-{drawn}", account, region)

    def check(self, policy: Policy, catalog: Catalog, clock: Clock) -> None:
        """Raises NotHere where the stack would not take it as it is meant."""
        found = match(signal_from(self._event(clock)), catalog.index, policy, catalog)
        if found.runbook == RUNBOOK and found.parameters == {PARAMETER: self.queue} and found.binding is None:
            return
        hint = "policy must leave alarms alone whose name begins so, and one runbook must answer its metric"
        raise NotHere(f"nothing was sent: an alarm {self.alarm} would be taken for something else ({found.why})", hint)

    def _event(self, clock: Clock) -> Mapping[str, Any]:
        """What EventBridge will deliver."""
        arn = f"arn:aws:cloudwatch:{self.region}:{self.account}:alarm:{self.alarm}"
        metric = {
            "namespace": METRIC["Namespace"],
            "name": METRIC["MetricName"],
            "dimensions": {"QueueName": self.queue},
        }
        stat = {"id": "m1", "metricStat": {"metric": metric, "period": 60, "stat": "Maximum"}, "returnData": True}
        return {
            "version": "0",
            "id": "smoke",
            "detail-type": "CloudWatch Alarm State Change",
            "source": "aws.cloudwatch",
            "account": self.account,
            "time": stamp(clock.now()),
            "region": self.region,
            "resources": [arn],
            "detail": {
                "alarmName": self.alarm,
                "state": {"value": "ALARM", "reason": REASON, "timestamp": stamp(clock.now())},
                "configuration": {"metrics": [stat]},
                "alarmTags": {AUTONOMY_TAG: "observe"},
            },
        }


@contextmanager
def there(made: MadeUp, cloudwatch: Any) -> Iterator[None]:
    """The alarm is there, and in ALARM, for as long as the block lasts. Raises NotHere where the caller may not make
    one, Unreachable where it may be there still.
    """
    refused = False
    try:
        try:
            with _allowed(made):
                _put(made, cloudwatch)
        except NotHere:
            refused = True  # so there is nothing to delete
            raise
        with _allowed(made):
            data = json.dumps({"version": "1.0", "recentDatapoints": [1.0], "threshold": 0.0})
            cloudwatch.set_alarm_state(
                AlarmName=made.alarm, StateValue="ALARM", StateReason=REASON, StateReasonData=data
            )
        yield
    finally:
        if not refused:
            _delete(made, cloudwatch)


def _put(made: MadeUp, cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(
        AlarmName=made.alarm,
        AlarmDescription=f"Made by `nightcrew smoke`, which deletes it again. {made.queue} is not there.",
        **METRIC,
        Dimensions=[{"Name": "QueueName", "Value": made.queue}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=0,
        TreatMissingData="ignore",  # it stays as it is set: there is never any data
        Tags=[{"Key": AUTONOMY_TAG, "Value": "observe"}],
        ActionConfiguration={"AlarmTagsPropagation": {"Enabled": True}},
    )


def _delete(made: MadeUp, cloudwatch: Any) -> None:
    """Raises Unreachable where it may still be there, with what to do."""
    try:
        cloudwatch.delete_alarms(AlarmNames=[made.alarm])
    except aws.ClientError as error:
        if "NotFound" in str(error.response.get("Error", {}).get("Code")):
            return
        raise Unreachable(_LEFT.format(made.alarm, error)) from error
    except aws.BotoCoreError as error:
        raise Unreachable(_LEFT.format(made.alarm, error)) from error


_LEFT = "the alarm may still be there: aws cloudwatch delete-alarms --alarm-names {} ({})"


@contextmanager
def _allowed(made: MadeUp) -> Iterator[None]:
    try:
        yield
    except aws.ClientError as error:
        said = error.response.get("Error", {})
        line = f"AWS did not let you make an alarm: {said.get('Code')}: {said.get('Message')}"
        prefix = made.alarm.partition("-smoke-")[0]
        hint = f"cloudwatch: {', '.join(NEEDS)} on alarm:{prefix}-smoke-*; docs/operate.md has it"
        raise NotHere(line, hint) from error
    except aws.BotoCoreError as error:
        raise Unreachable(f"AWS did not answer: {error}") from error
