"""A resource as people name it, and an ARN cut down to what people read."""

from nightcrew.api.resources import arns_of as arns_of  # noqa: PLC0414  a resource is named the same everywhere
from nightcrew.api.resources import the_one as the_one  # noqa: PLC0414
from nightcrew.knowledge.names import short as short  # noqa: PLC0414  and called the same


def whereabouts(arn: str) -> str:
    """``eu-west-1, 123456789012`` of an ARN."""
    parts = arn.split(":", 5)
    return ", ".join(part for part in parts[3:5] if part) if len(parts) > 5 else ""
