"""What docs/cost.md counts is what is counted."""

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.deployed import Deployment, Taken, deployment
from bench.restarts import NAME, restarts
from nightcrew.authoring.catalog import Catalog
from nightcrew.clock import stamp
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.knowledge.recall.vocabulary import KEY
from nightcrew.ledger.transaction import Piece

TEXT = (Path(__file__).parents[2] / "docs" / "cost.md").read_text()


@pytest.fixture(scope="module")
def counted() -> Taken:
    return restarts().alone


def test_a_run_costs_what_the_page_says(counted: Taken) -> None:
    units = sum(each.units for each in counted.charged)
    indexes = sum(each.index_units for each in counted.charged)
    said = f"{units} write units, and {indexes} of indexes; {counted.checkpoints} checkpoints of {counted.operations}"
    assert said in TEXT


def test_a_group_costs_what_the_page_says() -> None:
    alone, grouped = (sum(each.units for each in run.charged) for run in restarts())
    assert f"adds {grouped - alone} write units" in TEXT


def test_refusals_and_repeats_cost_what_the_page_says() -> None:
    with deployment() as deployed:
        door = Door(deployed)
        event = deployed.alarm()
        assert door.event(event)[0].kind == "admitted"
        again, requests, _, _ = door.event(event)
        assert (again.gate, requests) == ("claim", 0)
        refused, _, units, indexes = door.event(a_minute_later(event, stamp(door.now())))
        assert refused.gate == "lock"
        assert f"| {units} write units, and {indexes} of indexes |" in TEXT
        nobodys = about_nobody(event)
        assert [door.event(nobodys)[1:] for _ in range(2)] == [(1, 0, 0), (0, 0, 0)]
        there_before = {**KEY, "body": '{"AWS/EC2:Nobody:high": ["2026-11-21"]}'}
        deployed.packaged.store.transact([Piece("state", KEY, "vocabulary", put=there_before)])
        assert door.event(a_minute_later(nobodys, stamp(door.now())))[1:] == (2, 0, 0)
    assert "| one read of a table, of the symptoms that are known; two where it is one of them, or like one;" in TEXT
    assert TEXT.count("| no request to a table |") == 1


class Door:
    """A warm intake whose runs are never carried out, and what each event costs it."""

    def __init__(self, deployed: Deployment) -> None:
        self._deployed = deployed
        installed = replace(deployed.packaged, catalog=Catalog([Catalog.load()[NAME]]))
        self.now = installed.clock.now
        self._dispatcher = Dispatcher(installed, lambda run: None)

    def event(self, event: Mapping[str, Any]) -> tuple[Answer, int, int, int]:
        """The answer, requests, write units, and those of indexes."""
        log, paid = self._deployed.log.requests, self._deployed.meter.charged
        requests, before = len(log), len(paid)
        answer = self._dispatcher.event(event)
        made = paid[before:]
        return answer, len(log) - requests, sum(each.units for each in made), sum(each.index_units for each in made)


def a_minute_later(event: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Another change of the same alarm's state."""
    sent: dict[str, Any] = copy.deepcopy({**event, "id": "another"})
    sent["detail"]["state"]["timestamp"] = at
    return sent


def about_nobody(event: Mapping[str, Any]) -> dict[str, Any]:
    """An alarm on a metric that no runbook answers."""
    sent: dict[str, Any] = json.loads(json.dumps({**event, "id": "nobody's"}))
    sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]["name"] = "Nobody"
    return sent
