"""What a runbook declares secret is in no answer."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nightcrew import Run
from nightcrew.authoring.catalog import Catalog
from tests.api.desk import Office, Said
from tests.house import House
from tests.queues import Queue, a_queue, hide_for, on_call


@pytest.fixture
def vault(house: House, tmp_path: Path) -> Office:
    """An office whose only runbook takes a secret."""

    def rotates(run: Run, queue: Queue, password: str = "", seconds: int = 30) -> str:
        run.change(f"hide them for {seconds} s", hide_for(queue, seconds))
        return "well"

    return Office.of(on_call(house, rotates, secret=["password", "VisibilityTimeout"]), tmp_path)


def planned(office: Office, **parameters: Any) -> Said:
    return office.ask("POST", "/runbooks/rotates/plan", {"parameters": parameters})


def test_a_plan_has_none(vault: Office) -> None:
    said = planned(vault, queue=a_queue(vault.house, "api-secret"), password="hunter2", seconds=4321)
    assert said.body["parameters"]["password"] == "redacted"
    change = next(line for line in said.body["lines"] if line["verb"] == "change")
    assert change["parameters"]["Attributes"]["VisibilityTimeout"] == "redacted"
    assert "hunter2" not in said.text


def test_a_bad_one_is_not_said_back(vault: Office) -> None:
    for parameters in ({"password": ["hunter2"]}, {"Password": "hunter2"}):
        said = planned(vault, queue=a_queue(vault.house, "api-secret-bad"), **parameters)
        assert (said.status, said.body["value"]) == (422, "redacted")
        assert "hunter2" not in said.text
        body = {"runbook": "rotates", "parameters": {"queue": "q", **parameters}}
        assert "hunter2" not in vault.ask("POST", "/runs", body, headers={"Idempotency-Key": "k"}).text


def test_a_run_shows_none(vault: Office) -> None:
    queue = a_queue(vault.house, "api-secret-run")
    run = vault.start(runbook="rotates", queue=queue, password="hunter2").body["run"]
    vault.carry(run)
    said = vault.ask("GET", f"/runs/{run}")
    assert said.body["entries"][0]["body"]["parameters"]["password"] == "redacted"
    assert "hunter2" not in said.text


def test_a_run_whose_runbook_is_gone_shows_no_parameter(vault: Office) -> None:
    """Nobody knows any more what was secret among them: a team took it away, or its module cannot be loaded today."""
    run = vault.start(runbook="rotates", queue=a_queue(vault.house, "api-secret-gone"), password="hunter2").body["run"]
    vault.carry(run)
    vault.door = replace(vault.door, installation=replace(vault.door.installation, catalog=Catalog([])))
    said = vault.ask("GET", f"/runs/{run}")
    given = said.body["entries"][0]["body"]["parameters"]
    assert (given["password"], given["queue"]) == ("redacted", "redacted")
    assert "hunter2" not in said.text
    assert said.body["consistent"]


def test_a_key_keeps_none(vault: Office) -> None:
    """It stands for what was asked by a hash."""
    vault.start("mine", runbook="rotates", queue=a_queue(vault.house, "api-secret-key"), password="hunter2")
    kept = [item for name, item in vars(vault.store)["_items"]["state"].items() if "start#" in name]
    assert len(kept) == 1
    assert "hunter2" not in str(kept)
    assert "mine" not in str(kept)
