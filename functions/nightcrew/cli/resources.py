"""A resource as people name it: its ARN, or the name alone where that says enough; and an ARN cut down to what people read."""

import re

from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.account import Who
from nightcrew.errors import BadInput


def short(arn: str) -> str:
    """``arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc`` → ``i-0abc``; what is no ARN stays."""
    if not arn.startswith("arn:"):
        return arn
    path = arn.split(":", 5)[-1]
    return re.split(r"[/:]", path)[-1]


def whereabouts(arn: str) -> str:
    """``eu-west-1, 123456789012`` of an ARN."""
    parts = arn.split(":", 5)
    return ", ".join(part for part in parts[3:5] if part) if len(parts) > 5 else ""


def arn_of(text: str, catalog: Catalog, who: Who, runbook: str | None = None) -> str:
    """The ARN that is meant. A bare name is taken for whatever the runbooks' parameters would take it for.

    Raises BadInput where it fits nothing, or several kinds of resource.
    """
    if text.startswith("arn:"):
        return text
    asked = [catalog[runbook]] if runbook else list(catalog.values())
    markers = {marker for each in asked for marker in each.form.resources.values() if re.fullmatch(marker.pattern, text)}
    arns = sorted(marker.arn(text, account=who.account, region=who.region) for marker in markers)
    if len(arns) == 1:
        return arns[0]
    allowed = f"it could be any of {', '.join(arns)}: give the ARN" if arns else "it must be an ARN, or a name that a runbook takes"
    raise BadInput("--resource", text, allowed)
