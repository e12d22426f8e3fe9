"""The deployed ledger, as the account's owner reads it."""

from nightcrew.clock import SystemClock
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import entries, history
from nightcrew.ledger.store import Store, Tables
from tests.e2e.checkout import Checkout
from tests.e2e.deployment import Deployed
from tests.e2e.waiting import eventually


def store(deployed: Deployed) -> Store:
    """The stack's two tables."""
    tables = Tables(deployed.outputs["LedgerTable"], deployed.outputs["StateTable"])
    return Store(deployed.client("dynamodb"), tables, SystemClock())


def resource(checkout: Checkout) -> str:
    """What runs about it name as their resource."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{checkout.name}"


def ended(checkout: Checkout, number: int = 1) -> list[Entry]:
    """The chain of the run, or refusal, that ended as its ``number``-th; waits for it."""
    ledger = store(checkout.deployed)

    def look() -> str | None:
        rows = history(ledger, now=SystemClock().now(), resource=resource(checkout)).rows
        return rows[-number].run if len(rows) >= number else None

    return entries(ledger, eventually(f"run {number} about {checkout.name} has ended", look))
