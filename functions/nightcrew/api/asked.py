"""What may be asked, as HTTP brings it: each value with its limits, before anything else looks at it."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

LONGEST = 500
"""Characters of a name, an ARN or a symptom: a key of DynamoDB has 2048 bytes at most."""

Name = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Id = Annotated[str, Field(min_length=1, max_length=128)]
Reason = Annotated[str, Field(max_length=1000)]
Why = Annotated[str, Field(min_length=1, max_length=1000)]
Hash = Annotated[str, Field(min_length=8, max_length=64, pattern="^[0-9a-f]+$")]
AccountId = Annotated[str, Field(pattern="^[0-9]{12}$")]
Region = Annotated[str, Field(pattern="^[a-z]{2}(-[a-z]+)+-[0-9]$", max_length=40)]
Key = Annotated[str, Field(min_length=1, max_length=128, pattern="^[ -~]+$")]
Parameters = Annotated[dict[str, Any], Field(max_length=50)]
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

    runbook: Name
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
    run: Id | None = None
    symptom: Name | None = None


class CorrectAsked(Asked):
    """A new version; ``version`` is the one that was read before."""

    words: Annotated[str, Field(min_length=1, max_length=4000)]
    version: Annotated[int, Field(ge=0, le=1_000_000)]


class HaltAsked(Asked):
    """A halt: of everything, or of a runbook or an account."""

    reason: Why
    runbook: Name | None = None
    account: AccountId | None = None


class ExplainAsked(Asked):
    """What policy says about a runbook on a resource, by hand or as this alarm would start it."""

    runbook: Name
    resource: Name
    alarm: Name | None = None
    alarm_tags: Tags = {}
    resource_tags: Tags = {}
