"""The custom form of Amazon Q Developer in chat applications, as its administrator guide has it; and which buttons a
channel shows under it, by their definitions in template.yaml.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tests.stack import properties

BUTTONS = ("ChatApprove", "ChatDecline")


class Form(BaseModel):
    """A member that is not in the form is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Content(Form):
    textType: Literal["client-markdown"]  # noqa: N815  as the form has it
    title: str = Field(min_length=1, max_length=250)
    description: str = Field(min_length=1, max_length=2_800)
    nextSteps: list[str] = Field(default=[], max_length=5)  # noqa: N815
    keywords: list[str] = Field(default=[], max_length=5)


class Metadata(Form):
    threadId: str = Field(default="", max_length=128)  # noqa: N815
    summary: str = Field(min_length=1, max_length=250)
    eventType: str  # noqa: N815
    relatedResources: list[str] = []  # noqa: N815
    additionalContext: dict[str, str] = {}  # noqa: N815
    enableCustomActions: bool  # noqa: N815


class Notification(Form):
    version: Literal["1.0"]
    source: Literal["custom"]
    id: str
    content: Content
    metadata: Metadata


def buttons(form: Mapping[str, Any], stack: str) -> dict[str, str]:
    """The text of each button under a notification, and the command that it runs, in the account of this stack."""
    if not form["metadata"]["enableCustomActions"]:
        return {}
    shown = {}
    for each in BUTTONS:
        action = properties(each)
        (attached,) = action["Attachments"]
        assert attached["NotificationType"] == "Custom"
        found = {name: _value(form, path) for name, path in attached["Variables"].items()}
        if all(_met(one, found, stack) for one in attached["Criteria"]):
            shown[attached["ButtonText"]] = _command(action["Definition"]["CommandText"]["Fn::Sub"], found)
    return shown


def _value(form: Mapping[str, Any], path: str) -> str:
    found: Any = {"event": form}
    for name in path.split("."):
        found = found.get(name, {})
    return found if isinstance(found, str) else ""


def _met(criterion: Mapping[str, Any], found: Mapping[str, str], stack: str) -> bool:
    value = found[criterion["VariableName"]]
    if criterion["Operator"] == "HAS_VALUE":
        return bool(value)
    wanted = criterion["Value"]
    return value == (stack if wanted == {"Ref": "AWS::StackName"} else wanted)


def _command(text: str, found: Mapping[str, str]) -> str:
    return re.sub(r"\$([a-z]+)", lambda name: found[name[1]], text)
