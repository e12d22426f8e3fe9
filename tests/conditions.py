"""template.yaml as it is for certain parameters: each ``Fn::If`` decided, and what comes to nothing left out."""

from typing import Any

from tests.stack import met

NOTHING = {"Ref": "AWS::NoValue"}


def decided(part: Any, **parameters: str) -> Any:
    """A part of the template in a stack with these parameters; those that are not given have their defaults."""
    if isinstance(part, dict):
        if set(part) == {"Fn::If"}:
            condition, yes, no = part["Fn::If"]
            return decided(yes if met(condition, **parameters) else no, **parameters)
        kept = {name: decided(each, **parameters) for name, each in part.items()}
        return {name: each for name, each in kept.items() if each != NOTHING}
    if isinstance(part, list):
        return [each for each in (decided(one, **parameters) for one in part) if each != NOTHING]
    return part
