"""What is secret stands in no answer, since it is nowhere: no parameter takes one, and a plan shows none."""

from pathlib import Path
from typing import Any

import pytest

from nightcrew import Run
from nightcrew.aws.kept import SECRET, SecretRef
from tests.api.desk import Office, Said
from tests.house import House
from tests.queues import Queue, a_queue, hide_for, on_call


@pytest.fixture
def vault(house: House, tmp_path: Path) -> Office:
    """An office whose only runbook takes where a secret is kept."""

    def rotates(run: Run, queue: Queue, password: SecretRef | None = None, seconds: int = 30) -> str:
        run.change(f"hide them for {seconds} s", hide_for(queue, seconds), undo=hide_for(queue, seconds + 1))
        return "well"

    return Office.of(on_call(house, rotates, secret=["VisibilityTimeout"]), tmp_path)


def planned(office: Office, **parameters: Any) -> Said:
    return office.ask("POST", "/runbooks/rotates/plan", {"parameters": parameters})


def test_a_plan_has_none(vault: Office) -> None:
    """Neither what a change would send, nor what would take it back."""
    said = planned(vault, queue=a_queue(vault.house, "api-secret"), password=SECRET, seconds=4321)
    assert said.body["parameters"]["password"] == SECRET
    change = next(line for line in said.body["lines"] if line["verb"] == "change")
    assert change["parameters"]["Attributes"]["VisibilityTimeout"] == "redacted"
    assert change["undo"]["parameters"]["Attributes"]["VisibilityTimeout"] == "redacted"
    assert '"4321"' not in said.text
    assert '"4322"' not in said.text


def test_a_plan_is_another_one_where_only_what_is_secret_is_another(vault: Office) -> None:
    """An approval names its hash."""
    queue = a_queue(vault.house, "api-secret-hash")
    hashes = {planned(vault, queue=queue, seconds=each).body["hash"] for each in (4321, 4322)}
    assert len(hashes) == 2


def test_one_that_is_given_all_the_same_is_refused_and_not_said_back(vault: Office) -> None:
    """Nor one under a name that the runbook does not know: it may be mistyped."""
    for parameters in ({"password": ["hunter2"]}, {"password": "hunter2"}, {"Password": "hunter2"}):
        said = planned(vault, queue=a_queue(vault.house, "api-secret-bad"), **parameters)
        assert (said.status, said.body["value"]) == (422, "redacted")
        assert "hunter2" not in said.text
        body = {"runbook": "rotates", "parameters": {"queue": "q", **parameters}}
        said = vault.ask("POST", "/runs", body, headers={"Idempotency-Key": "k"})
        assert said.status == 422
        assert "hunter2" not in said.text
    assert "hunter2" not in str(vars(vault.store))


def test_a_run_shows_where_it_is_kept(vault: Office) -> None:
    queue = a_queue(vault.house, "api-secret-run")
    run = vault.start(runbook="rotates", queue=queue, password=SECRET, seconds=4321).body["run"]
    vault.carry(run)
    said = vault.ask("GET", f"/runs/{run}")
    assert said.body["entries"][0]["body"]["parameters"]["password"] == SECRET
    assert '"VisibilityTimeout": "redacted"' in said.text
    assert '"4321"' not in said.text


def test_a_key_keeps_nothing_of_what_was_asked(vault: Office) -> None:
    """It stands for it by a hash."""
    vault.start("mine", runbook="rotates", queue=a_queue(vault.house, "api-secret-key"), password=SECRET)
    kept = [item for name, item in vars(vault.store)["_items"]["state"].items() if "start#" in name]
    assert len(kept) == 1
    assert SECRET not in str(kept)
    assert "mine" not in str(kept)
