"""What a Nightcrew installation consists of: wired once, at a door, and handed down."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import Cloud
from nightcrew.clock import Clock, stamp
from nightcrew.ledger.store import Store

CloudFor = Callable[[str, Collection[str], str], Cloud]
"""The way to AWS for who asks, narrowed to the IAM actions that they declared, for the ARN of a resource."""

Watch = Callable[[str, Mapping[str, Any]], None]


def nobody(kind: str, what: Mapping[str, Any]) -> None:
    """Nobody watches."""
    del kind, what


@dataclass(frozen=True)
class Installation:
    """Tables, catalog, policy, the way to AWS, and the time. ``watch`` is told what happens, for terminals and logs."""

    store: Store
    catalog: Catalog
    policy: Policy
    clouds: CloudFor
    clock: Clock
    watch: Watch = field(default=nobody)

    def tell(self, kind: str, what: Mapping[str, Any]) -> None:
        """Tell ``watch`` what happens, and ``at`` what time."""
        self.watch(kind, {"at": stamp(self.clock.now()), **what})
