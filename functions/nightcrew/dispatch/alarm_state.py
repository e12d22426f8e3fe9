"""An alarm's state now, as CloudWatch tells it: a second try is for an alarm that is still in ALARM."""

from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from nightcrew.aws.cloud import ClientMaker
from nightcrew.dispatch.invoking import STARTING
from nightcrew.errors import Unreachable

PERMISSIONS = ("cloudwatch:DescribeAlarms",)


def alarm_state(at: Callable[[str], ClientMaker]) -> Callable[[str, str], str | None]:
    """Asks by ARN and name: OK, ALARM or INSUFFICIENT_DATA; None where there is no such alarm. ``at`` is the way to
    where an ARN lies, in whichever account and Region, with these permissions. Raises Unreachable.
    """

    def state_of(arn: str, name: str) -> str | None:
        try:
            found = at(arn)("cloudwatch", STARTING).describe_alarms(
                AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "Unknown")
            raise Unreachable(f"alarm {name}: {code}") from error
        except BotoCoreError as error:
            raise Unreachable(f"alarm {name}: {error}") from error
        alarms = [*found.get("MetricAlarms", ()), *found.get("CompositeAlarms", ())]
        return next((str(each["StateValue"]) for each in alarms if each["AlarmArn"] == arn), None)

    return state_of
