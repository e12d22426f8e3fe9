"""Lambda's event source mappings: what polls a stream or queue for a function.

States: Lambda API reference, GetEventSourceMapping (Creating, Enabling, Enabled, Disabling, Disabled, Updating,
Deleting).
"""

from collections.abc import Callable
from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import calls

_lambda = calls("lambda")


def mapping(answer: Any) -> dict[str, Any]:
    """What matters of a mapping: ``{"state", "source", "function", "from", "result"}``.

    ``from`` is where it begins to read a stream that it has never read ("TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"); None
    for a queue. ``result`` is what its last poll came to, "OK" or "PROBLEM: …", where Lambda says.
    """
    return {
        "state": answer["State"],
        "source": answer.get("EventSourceArn"),
        "function": answer.get("FunctionArn"),
        "from": answer.get("StartingPosition"),
        "result": answer.get("LastProcessingResult"),
    }


def turns(wanted: str) -> Callable[[Any], bool]:
    """Whether a mapping has turned "Enabled" or "Disabled", or is about to."""
    on_its_way = {"Enabled": "Enabling", "Disabled": "Disabling"}[wanted]
    return lambda answer: answer["State"] in {wanted, on_its_way}


def works(seen: Any) -> bool:
    """Whether it is enabled, and its last poll was no problem, from what ``mapping`` made of an answer."""
    return bool(seen["state"] == "Enabled" and not str(seen["result"] or "").startswith("PROBLEM"))


def _surroundings(answer: Any) -> Surroundings:
    # Of arn:aws:lambda:eu-west-1:123456789012:function:checkout:live the function, whichever its version.
    parts = str(answer.get("FunctionArn", "")).split(":")
    return Surroundings((f"lambda:function:{parts[6]}",) if len(parts) > 6 else ())


EventSourceMappingId = Annotated[
    str,
    ResourceName(
        "lambda",
        "event-source-mapping:{}",
        pattern=r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        example="14e0db71-5d35-4eb5-b481-8945cf9d10c2",
        lookup=Lookup(
            "lambda:GetEventSourceMapping",
            lambda name: _lambda.get_event_source_mapping(UUID=name),
            _surroundings,
        ),
    ),
]
"""The UUID of an event source mapping."""
