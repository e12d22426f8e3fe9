"""An alarm's state now, as CloudWatch tells it: a second try is for an alarm that is still in ALARM."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from nightcrew.aws.cloud import ClientMaker
from nightcrew.dispatch.invoking import STARTING
from nightcrew.errors import Unreachable


def alarm_state(clients: ClientMaker) -> Callable[[str, str], str | None]:
    """Asks by ARN and name: OK, ALARM or INSUFFICIENT_DATA; None where there is no such alarm in this account and
    Region. Needs ``cloudwatch:DescribeAlarms``. Raises Unreachable.
    """
    made: list[Any] = []

    def state_of(arn: str, name: str) -> str | None:
        if not made:
            made.append(clients("cloudwatch", STARTING))
        try:
            found = made[0].describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "Unknown")
            raise Unreachable(f"alarm {name}: {code}") from error
        except BotoCoreError as error:
            raise Unreachable(f"alarm {name}: {error}") from error
        alarms = [*found.get("MetricAlarms", ()), *found.get("CompositeAlarms", ())]
        return next((str(each["StateValue"]) for each in alarms if each["AlarmArn"] == arn), None)

    return state_of
