"""A resource as people name it: its ARN, or the name alone where that says enough."""

import re
from collections.abc import Callable, Sequence
from typing import Protocol

from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.arns import DRILL, Drilled, ResourceName
from nightcrew.errors import BadInput


class Where(Protocol):
    """The account and the Region in which a bare name is meant."""

    @property
    def account(self) -> str: ...
    @property
    def region(self) -> str: ...


def arns_of(
    text: str, catalog: Catalog, where: Where, runbook: str | None = None, *, field: str = "--resource"
) -> list[str]:
    """The ARNs that can be meant. A bare name is whatever the parameters of the runbooks, or of that one, take it for;
    one within something else is said with it, like ``prod/checkout`` for a service. What a restore drill of it holds is
    meant by ``orders/drill``, or where the runbook is a drill.

    Raises BadInput where it is neither an ARN nor such a name.
    """
    if text.startswith("arn:"):
        return [text]
    any_of_them = runbook is None or runbook not in catalog
    asked = list(catalog.values()) if any_of_them else [catalog[str(runbook)]]
    markers = {marker for each in asked for marker in each.form.resources.values()}
    if any_of_them:
        markers = {marker for marker in markers if not isinstance(marker, Drilled)}
    arns = sorted(arn for marker in markers if (arn := _arn(text, marker, where)) is not None)
    if text.endswith(DRILL) and any_of_them:
        of = text.removesuffix(DRILL)
        arns += sorted(f"{arn}{DRILL}" for marker in markers if (arn := _arn(of, marker, where)) is not None)
    if not arns:
        raise BadInput(field, text, "it must be an ARN, or a name that a runbook takes")
    return arns


def _arn(text: str, marker: ResourceName, where: Where) -> str | None:
    """The ARN where ``marker`` takes the text, or its end behind what it is within."""
    *around, name = text.rsplit("/", len(marker.within)) if marker.within else [text]
    if len(around) != len(marker.within) or not all(around) or not re.fullmatch(marker.pattern, name):
        return None
    others = dict(zip(marker.within, around, strict=True))
    return marker.arn(name, account=where.account, region=where.region, others=others)


def the_one(text: str, arns: Sequence[str], known: Callable[[str], bool], *, field: str = "--resource") -> str:
    """Of several kinds of resource that could have this name the one that is ``known``. Raises BadInput where several
    are.
    """
    met = [arn for arn in arns if known(arn)] if len(arns) > 1 else []
    if len(met) > 1:
        raise BadInput(field, text, f"it could be any of {', '.join(met)}: give the ARN")
    return met[0] if met else arns[0]
