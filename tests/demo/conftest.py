"""Stages for tests: each with a ledger of its own, since the cloud beneath is one for the whole process."""

import itertools
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.demo.estate import Dress
from nightcrew.demo.events import Event, named
from nightcrew.demo.stage import Stage, stage
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Tables

_NUMBERS = itertools.count(1)


@dataclass
class Told:
    """What the watcher was told."""

    all: list[tuple[str, dict[str, Any]]]

    def __call__(self, kind: str, what: Mapping[str, Any]) -> None:
        self.all.append((kind, dict(what)))

    def of(self, kind: str) -> list[dict[str, Any]]:
        """What was told of one kind."""
        return [what for each, what in self.all if each == kind]


Build = Callable[..., Stage]
Own = Callable[[str], Event]


@pytest.fixture
def told() -> Told:
    """A watcher that remembers."""
    return Told([])


@pytest.fixture(scope="session")
def demo_policy() -> Policy:
    """The demo's own."""
    return load((files("nightcrew.demo") / "policy.yaml").read_text(encoding="utf-8"), "policy.yaml")


@pytest.fixture
def build(told: Told, demo_policy: Policy, catalog: Catalog) -> Iterator[Build]:
    """Builds a stage of this test's own, on which AWS is done at once unless it is to be ``paced``. Its ledger is in
    memory; for who is to carry on a run from another process it is in the cloud, beside its journal's file.
    """
    with ExitStack() as stack:

        def made(
            *,
            faults: Collection[Dress] = (),
            journal: Path | None = None,
            paced: bool = False,
            policy: Policy = demo_policy,
        ) -> Stage:
            number = next(_NUMBERS)
            tables = Tables(f"demo-ledger-{number}", f"demo-state-{number}")
            store = None if journal else MemoryStore()
            more: dict[str, Any] = {"journal": journal} if journal else {}
            return stack.enter_context(
                stage(policy, told, catalog=catalog, faults=faults, tables=tables, store=store, paced=paced, **more)
            )

        yield made


@pytest.fixture
def own() -> Own:
    """An event of ``events/`` about resources of this test's own: instances and groups with other names."""
    number = next(_NUMBERS)

    def read(name: str) -> Event:
        text = json.dumps(named(name))
        for old, new in (
            ("i-0abc1234def567890", f"i-0abc1234def{number:06}"),
            ("checkout-web", f"checkout-{number}-web"),
            ("checkout-db", f"checkout-{number}-db"),
        ):
            text = text.replace(old, new)
        event: Event = json.loads(text)
        return event

    return read
