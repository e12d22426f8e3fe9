"""What happened in the night that is reviewed."""

from nightcrew.demo.embedded import Crew
from tests.cli.cloud import REGION

NAME = "restart-ec2-instance"
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
