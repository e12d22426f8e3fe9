"""What may be asked, as HTTP brings it: each value with its limits, before anything else looks at it."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

LONGEST = 500
"""Characters of a name, an ARN or a symptom: a key of DynamoDB has 2048 bytes at most."""

LARGEST = 10**18
"""Of a number: what is larger no table keeps."""

A_RUNBOOK = "restart-ec2-instance"
A_RUN = "20261121-030004-k3f9qa2m"
A_LESSON = "lesson-20261121-041500-m7w2xr9d"
A_SYMPTOM = "AWS/EC2:StatusCheckFailed_Instance:high"
A_RESOURCE = "i-0abc1234def567890"
"""Examples, as the document shows them."""

Name = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Runbook = Annotated[Name, Field(examples=[A_RUNBOOK])]
Symptom = Annotated[Name, Field(examples=[A_SYMPTOM])]
Run = Annotated[str, Field(min_length=1, max_length=128, examples=[A_RUN])]
Reason = Annotated[str, Field(max_length=1000)]
Why = Annotated[str, Field(min_length=1, max_length=1000)]
Hash = Annotated[str, Field(min_length=8, max_length=64, pattern="^[0-9a-f]+$")]
AccountId = Annotated[str, Field(pattern="^[0-9]{12}$")]
Region = Annotated[str, Field(pattern="^[a-z]{2}(-[a-z]+)+-[0-9]$", max_length=40)]
Key = Annotated[str, Field(min_length=1, max_length=128, pattern="^[ -~]+$")]
Parameters = Annotated[dict[str, Any], Field(max_length=50, examples=[{"instance_id": A_RESOURCE}])]
Tags = Annotated[dict[str, str], Field(max_length=50)]


class Asked(BaseModel):
    """What no call knows is refused: a mistyped name must not be passed over."""

    model_config = ConfigDict(extra="forbid")


class PlanAsked(Asked):
    """A plan. ``account`` and ``region`` say where the resource is, if not at home."""

    parameters: Parameters = {}
    account: AccountId | None = None
    region: Region | None = None


class StartAsked(PlanAsked):
    """A start by hand."""

    runbook: Runbook
    reason: Reason = ""


class ApproveAsked(Asked):
    """An approval names the plan that was seen: its hash, or its beginning."""

    plan: Hash
    reason: Reason = ""


class DeclineAsked(Asked):
    """A no, with why."""

    reason: Why
    plan: Hash | None = None


class CancelAsked(Asked):
    """A wish to stop, with why."""

    reason: Why


class LearnAsked(Asked):
    """A lesson, about a run or about a symptom."""

    words: Annotated[str, Field(min_length=1, max_length=4000)]
    run: Run | None = None
    symptom: Symptom | None = None


class CorrectAsked(Asked):
    """A new version; ``version`` is the one that was read before."""

    words: Annotated[str, Field(min_length=1, max_length=4000)]
    version: Annotated[int, Field(ge=0, le=1_000_000, strict=True)]


class HaltAsked(Asked):
    """A halt: of everything, or of a runbook or an account."""

    reason: Why
    runbook: Runbook | None = None
    account: AccountId | None = None


class ExplainAsked(Asked):
    """What policy says about a runbook on a resource, by hand or as this alarm would start it."""

    runbook: Runbook
    resource: Annotated[Name, Field(examples=[A_RESOURCE])]
    alarm: Name | None = None
    alarm_tags: Tags = {}
    resource_tags: Tags = {}
