"""Which events an EventBridge pattern lets in, as far as ours say it.

EventBridge user guide, "Event patterns": each field that a pattern names must have one of its values; of a list in the
event, any item will do, and so will any object of a list of objects; "$or" wants one of its patterns; {"prefix": …} is
the beginning of a text, {"anything-but": {"prefix": …}} any text that begins otherwise. The stack is "nightcrew".
moto's own matcher does not look into lists of objects, which ECS's events have.
"""

from collections.abc import Mapping
from typing import Any


def lets_in(pattern: Mapping[str, Any], event: Any) -> bool:
    """Whether a rule with this pattern sends that event on."""
    if isinstance(event, list):
        return any(lets_in(pattern, each) for each in event)
    if not isinstance(event, Mapping):
        return False
    for name, wanted in pattern.items():
        if name == "$or":
            if not any(lets_in(each, event) for each in wanted):
                return False
        elif isinstance(wanted, Mapping):
            if not lets_in(wanted, event.get(name)):
                return False
        elif not any(_fits(each, value) for each in wanted for value in _items(event.get(name))):
            return False
    return True


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _fits(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, Mapping):
        ((how, of),) = wanted.items()
        if how == "anything-but":
            return isinstance(value, str) and not _fits(of, value)
        assert how == "prefix", f"our patterns have no {how}"
        beginning = of["Fn::Sub"].replace("${AWS::StackName}", "nightcrew") if isinstance(of, Mapping) else of
        return isinstance(value, str) and value.startswith(beginning)
    return bool(wanted == value) and value is not None
