"""A start by hand: through all gates, and once for each key, whatever gets lost."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nightcrew.admission.halting import set_halt
from nightcrew.admission.policy import Policy
from nightcrew.api.idempotency import KEPT
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import SkippingClock
from nightcrew.demo.scripted import Scripted
from nightcrew.errors import Unreachable
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.transaction import Piece
from tests.api.desk import BOTH, OPERATOR, RUNBOOK, Office, Said
from tests.house import House


def opened(office: Office) -> int:
    return len(office.get("/runs")["running"])


def test_a_start_is_carried_out_by_the_executor(office: Office, instance: str) -> None:
    said = office.start(instance_id=instance)
    assert said.status == 202
    assert said.headers["location"] == f"/runs/{said.body['run']}"
    assert office.started == [said.body["run"]]
    assert said.body["resource"].endswith(f":instance/{instance}")


def test_the_same_key_and_body_give_the_same_run(office: Office, instance: str) -> None:
    first, second = (office.start(instance_id=instance) for _ in range(2))
    assert (first.status, first.body) == (second.status, second.body)
    assert opened(office) == 1


def test_it_is_the_same_run_after_its_end(office: Office, instance: str) -> None:
    run = office.start(instance_id=instance).body["run"]
    office.carry(run)
    again = office.start(instance_id=instance)
    assert (again.status, again.body["run"]) == (202, run)
    assert office.started == [run]


def test_defaults_and_the_order_of_members_make_no_other_request(office: Office, instance: str) -> None:
    first = office.start(instance_id=instance)
    assert office.start(within="10m", instance_id=instance).body == first.body


@pytest.mark.parametrize("more", [{"parameters": {"instance_id": "i-0abc1234def567890"}}, {"reason": "other"}])
def test_the_same_key_for_another_request_is_422(office: Office, instance: str, more: dict[str, Any]) -> None:
    office.start(instance_id=instance)
    body = {"runbook": RUNBOOK, "parameters": {"instance_id": instance}, "reason": "it hangs"} | more
    said = office.ask("POST", "/runs", body, headers={"Idempotency-Key": "one"})
    assert (said.status, said.body["field"], said.body["value"]) == (422, "Idempotency-Key", "one")
    assert opened(office) == 1


def test_keys_are_each_persons_own(office: Office, instance: str) -> None:
    first = office.start(instance_id=instance)
    other = office.start(by=BOTH, instance_id="i-0abc1234def567890")
    assert (other.status, other.body["run"] != first.body["run"]) == (202, True)


def test_a_key_stands_for_a_day(office: Office, instance: str) -> None:
    run = office.start(instance_id=instance).body["run"]
    office.carry(run)
    office.house.crew.installation.clock.sleep((KEPT + timedelta(minutes=1)).total_seconds())
    again = office.start(instance_id=instance)
    assert (again.status, again.body["run"] != run) == (202, True)


def test_a_start_whose_executor_was_out_of_reach_is_made_up_for(office: Office, instance: str) -> None:
    """The run was opened, and its start got lost: the same key starts that one."""
    start = office.door.start

    def lost(run: str) -> None:
        raise Unreachable(f"run {run} was not started: throttled")

    office.door = replace(office.door, start=lost)
    said = office.start(instance_id=instance)
    assert (said.status, said.body["type"], said.headers["retry-after"]) == (
        503,
        "urn:nightcrew:problem:unreachable",
        "5",
    )
    waits = office.get("/runs")["running"][0]["run"]
    office.door = replace(office.door, start=start)
    assert office.start(instance_id=instance).body["run"] == waits
    assert office.started == [waits]


def test_two_equal_requests_at_the_same_moment_are_one_run(office: Office, instance: str) -> None:
    """While the first one thinks of an id, the second one comes, and opens its run."""
    second: list[Any] = []

    door = office.door
    ids = door.new_id

    def meanwhile(now: Any) -> str:
        office.door = replace(door, new_id=lambda _: "20261121-030004-aaaaaaaa")
        second.append(office.start(instance_id=instance))
        return ids(now)

    office.door = replace(door, new_id=meanwhile)
    first = office.start(instance_id=instance)
    assert first.body == second[0].body
    assert opened(office) == 1


def test_who_comes_second_to_the_ledger_gets_the_run_of_who_came_first(
    clients: ClientMaker, scripted: Scripted, catalog: Catalog, auto_policy: Policy, tmp_path: Path, instance: str
) -> None:
    """Both found the key's run, and no opening of it; one of them wrote it."""
    scripted.reset()
    store, clock = Racing(), SkippingClock()
    office = Office.of(House.build(clients, scripted, catalog, auto_policy, clock, store), tmp_path)
    other: list[Said] = []

    def overtakes() -> None:
        clock.sleep(1)
        other.append(office.start(instance_id=instance))

    store.meanwhile = overtakes
    said = office.start(instance_id=instance)
    assert (said.status, said.body) == (202, other[0].body)
    assert opened(office) == 1


class Racing(MemoryStore):
    """Somebody comes ``meanwhile``: after all was read, and before the next opening is written."""

    meanwhile: Callable[[], None] | None = None

    def transact(self, pieces: Sequence[Piece]) -> None:
        if self.meanwhile is not None and any(piece.gate == "entry" for piece in pieces):
            come, self.meanwhile = self.meanwhile, None
            come()
        super().transact(pieces)


def test_a_key_must_be_given(office: Office, instance: str) -> None:
    body = {"runbook": RUNBOOK, "parameters": {"instance_id": instance}}
    said = office.ask("POST", "/runs", body)
    assert (said.status, said.body["field"]) == (422, "Idempotency-Key")


def test_a_refusal_says_which_gate_by_which_figures_and_until_when(office: Office, instance: str) -> None:
    run = office.start(instance_id=instance).body["run"]
    said = office.start("two", instance_id=instance)
    assert (said.status, said.body["gate"]) == (409, "lock")
    assert said.body["figures"]["run"] == run
    assert said.body["until"] is not None
    assert said.body["type"].endswith(":refused")


def test_a_refusal_may_be_asked_again_with_the_same_key(office: Office, instance: str) -> None:
    set_halt(office.store, "all", by=OPERATOR, reason="x", now=office.house.crew.installation.clock.now())
    assert office.start(instance_id=instance).body["gate"] == "halt"
    assert office.ask("DELETE", "/halts").status == 200
    assert office.start(instance_id=instance).status == 202


def test_an_unknown_runbook_is_404_and_keeps_no_key(office: Office, instance: str) -> None:
    assert office.start(runbook="no-such", instance_id=instance).status == 404
    assert office.start(instance_id=instance).status == 202


def test_a_bad_parameter_keeps_no_key(office: Office, instance: str) -> None:
    assert office.start(instance_id="machine").status == 422
    assert office.start(instance_id=instance).status == 202


def test_a_duration_of_more_days_than_a_clock_has_is_a_bad_parameter(office: Office, instance: str) -> None:
    """It is said at its field, as what is no duration at all."""
    said = office.start(instance_id=instance, within="9" * 30 + "d")
    assert (said.status, said.body["field"]) == (422, "within")
    assert opened(office) == 0
