"""What happened in the night that is reviewed."""

from datetime import timedelta

from nightcrew.clock import stamp
from nightcrew.demo.embedded import ACCOUNT, Crew
from tests.cli.cloud import REGION

NAME = "restart-ec2-instance"
ALARM = "checkout-web-1-status-check-failed"
GONE = "i-0123456789abcdef0"
"""An instance that does not exist."""
ADA = {"actor": "arn:aws:iam::123456789012:user/ada", "account": "123456789012", "region": REGION}


def ran(team: Crew, instance: str, reason: str = "") -> str:
    """A run, carried through; or its refusal's id."""
    answer = team.dispatcher.person(NAME, {"instance_id": instance}, reason=reason, **ADA)
    assert answer.run is not None
    if answer.kind == "admitted":
        team.engine.drive(answer.run)
    return answer.run


def alarmed(
    team: Crew,
    instance: str,
    name: str = ALARM,
    ago: int = 0,
    metric: tuple[str, str] = ("AWS/EC2", "StatusCheckFailed_Instance"),
) -> str | None:
    """An alarm about the instance comes in; the id of what became of it."""
    at = stamp(team.installation.clock.now() - timedelta(seconds=ago)).replace("Z", "")[:23] + "+0000"
    watched = {"namespace": metric[0], "name": metric[1], "dimensions": {"InstanceId": instance}}
    event = {
        "version": "0",
        "id": f"event-{name}-{ago}",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": ACCOUNT,
        "time": at,
        "region": REGION,
        "resources": [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"],
        "detail": {
            "alarmName": name,
            "state": {
                "value": "ALARM",
                "reason": "Threshold Crossed: 1 datapoint [1.0] was greater than or equal to the threshold (1.0)",
                "reasonData": '{"recentDatapoints":[1.0,1.0],"threshold":1.0}',
                "timestamp": at,
            },
            "previousState": {"value": "OK", "reason": "", "timestamp": at},
            "configuration": {
                "metrics": [
                    {
                        "id": "m1",
                        "metricStat": {"metric": watched, "period": 60, "stat": "Maximum"},
                        "returnData": True,
                    }
                ]
            },
        },
    }
    return team.dispatcher.event(event).run
