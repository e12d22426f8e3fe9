"""A resource as people name it: its ARN, or the name alone where that says enough; and an ARN cut down to what people
read.
"""

import re
from collections.abc import Callable, Sequence

from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.arns import ResourceName
from nightcrew.cli.account import Who
from nightcrew.errors import BadInput
from nightcrew.knowledge.names import short as short  # noqa: PLC0414  a resource is called the same everywhere


def whereabouts(arn: str) -> str:
    """``eu-west-1, 123456789012`` of an ARN."""
    parts = arn.split(":", 5)
    return ", ".join(part for part in parts[3:5] if part) if len(parts) > 5 else ""


def arns_of(text: str, catalog: Catalog, who: Who, runbook: str | None = None) -> list[str]:
    """The ARNs that can be meant. A bare name is whatever the parameters of the runbooks, or of that one, take it for;
    one within something else is said with it, like ``prod/checkout`` for a service.

    Raises BadInput where it is neither an ARN nor such a name.
    """
    if text.startswith("arn:"):
        return [text]
    asked = [catalog[runbook]] if runbook is not None and runbook in catalog else list(catalog.values())
    markers = {marker for each in asked for marker in each.form.resources.values()}
    arns = sorted(arn for marker in markers if (arn := _arn(text, marker, who)) is not None)
    if not arns:
        raise BadInput("--resource", text, "it must be an ARN, or a name that a runbook takes")
    return arns


def _arn(text: str, marker: ResourceName, who: Who) -> str | None:
    """The ARN where ``marker`` takes the text, or its end behind what it is within."""
    *around, name = text.rsplit("/", len(marker.within)) if marker.within else [text]
    if len(around) != len(marker.within) or not all(around) or not re.fullmatch(marker.pattern, name):
        return None
    others = dict(zip(marker.within, around, strict=True))
    return marker.arn(name, account=who.account, region=who.region, others=others)


def the_one(text: str, arns: Sequence[str], known: Callable[[str], bool]) -> str:
    """Of several kinds of resource that could have this name the one that is ``known``. Raises BadInput where several
    are.
    """
    met = [arn for arn in arns if known(arn)] if len(arns) > 1 else []
    if len(met) > 1:
        raise BadInput("--resource", text, f"it could be any of {', '.join(met)}: give the ARN")
    return met[0] if met else arns[0]
