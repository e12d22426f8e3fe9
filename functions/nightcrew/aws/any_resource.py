"""Any resource, by its whole ARN: for runbooks that do not know what kind of thing they are about.

Its tags come from the Resource Groups Tagging API, which knows those of nearly all services (its API reference,
GetResources: a resource that never had a tag is not in the answer).
"""

from dataclasses import dataclass
from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import calls
from nightcrew.aws.tags import tags_of
from nightcrew.errors import BadParameter

_tagging = calls("resourcegroupstaggingapi")

_GROUP_TAG = "aws:autoscaling:groupName"


@dataclass(frozen=True)
class WholeArn(ResourceName):
    """A parameter whose value is the ARN itself."""

    def arn(self, value: str, *, account: str, region: str, others: Any = None) -> str:
        """The value. Raises BadParameter where it lies elsewhere: a lock there would hold nothing here."""
        del others
        parts = value.split(":", 5)
        if (parts[3], parts[4]) != (region, account):
            raise BadParameter("target", value, f"it must be in {region} and account {account}, where the run acts")
        return value


def around(answer: Any) -> Surroundings:
    """What a GetResources answer about one ARN says of it: its tags, and the groups that these, or the ARN, name."""
    found = answer["ResourceTagMappingList"]
    if not found:
        return Surroundings()
    tags, path = tags_of(found[0].get("Tags")), str(found[0]["ResourceARN"]).split(":", 5)[5]
    groups = [f"autoscaling:autoScalingGroup:*:autoScalingGroupName/{tags[_GROUP_TAG]}"] if _GROUP_TAG in tags else []
    kind, _, rest = path.partition("/")
    if ":ecs:" in str(found[0]["ResourceARN"]) and kind in {"service", "task"} and "/" in rest:
        groups.append(f"ecs:cluster/{rest.split('/')[0]}")
    return Surroundings(tuple(groups), tags)


ResourceArn = Annotated[
    str,
    WholeArn(
        "",
        "",
        pattern=r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z]{2}[a-z0-9-]*-[0-9]:[0-9]{12}:[!-~]{1,1011}",
        example="arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890",
        lookup=Lookup(
            "tag:GetResources", lambda arn: _tagging.get_resources(ResourceARNList=[arn]), around, by_arn=True
        ),
    ),
]
"""The ARN of what a team's own document or function acts on: what the run locks, and whose history it is."""
