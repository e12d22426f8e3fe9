"""The state of one alarm, and the names by which a caller says what is to prove a run."""

from typing import Annotated, Any

from nightcrew.aws.checked import like
from nightcrew.errors import Unknown


def state_of(answer: Any) -> dict[str, Any]:
    """The only alarm of a DescribeAlarms answer: ``{"state", "since"}``. Raises Unknown where there is none."""
    found = [*(answer.get("MetricAlarms") or ()), *(answer.get("CompositeAlarms") or ())]
    if not found:
        raise Unknown("there is no such alarm")
    return {"state": str(found[0]["StateValue"]), "since": found[0].get("StateUpdatedTimestamp")}


AlarmName = Annotated[str, like(r"[ -~]{1,255}", "the name of an alarm", "checkout-5xx-high")]
"""The name of an alarm, metric or composite."""

TargetGroupArn = Annotated[
    str,
    like(
        r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}",
        "the ARN of a target group",
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/checkout/73e2d6bc24d8a067",
    ),
]
"""The ARN of a load balancer's target group."""
