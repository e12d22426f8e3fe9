"""The way to the same once more: the form of its runbook, filled in as it was, to be planned first."""

from typing import Any

from nightcrew.api.desk import Desk
from nightcrew.console.form import field_name
from nightcrew.console.words import address, path
from nightcrew.ledger.chain import Chain

MOST = 3000
"""Characters of an address: what browsers and those between have room for."""


def again(chain: Chain, desk: Desk) -> str | None:
    """Its address; None where there is no such runbook any more. Where it does not fit into an address, all of it has
    to be typed anew.
    """
    name = str(chain.opening.get("runbook") or "")
    if name not in desk.catalog:
        return None
    given = chain.opening.get("parameters")
    fields = {
        field_name(parameter): _text(value)
        for parameter, value in (given.items() if isinstance(given, dict) else ())
        if not isinstance(value, dict)
    }
    at = path("runbooks", name, "run")
    filled = address(at, **{**fields, **_where(str(chain.opening.get("resource") or ""), desk)})
    return filled if len(filled) <= MOST else at


def _where(resource: str, desk: Desk) -> dict[str, str]:
    """The account and the Region, where they are not at home."""
    _, _, _, region, account, *_ = [*resource.split(":"), *[""] * 5]
    away = {"region": region, "account": account}
    return {name: value for name, value in away.items() if value and value != getattr(desk.who, name)}


def _text(value: Any) -> Any:
    """As one types it."""
    if isinstance(value, list):
        return tuple(map(_text, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if value is None else str(value)
