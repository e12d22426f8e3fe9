"""A run on a journal: for emulators alone, never by the template, never on AWS."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_durable_execution_sdk_python import DurableContext, durable_execution

from nightcrew.aws.clients import Clients
from nightcrew.engine.callbacks import Callbacks
from nightcrew.engine.emulated import VARIABLE, answerer, durable_or_on_a_journal, journal_file
from nightcrew.engine.steps import DurableSteps
from nightcrew.errors import Unreachable
from tests.stack import ROOT

HERE = "http://127.0.0.1:4566"
RUN = "20261121-030004-k3f9qa"


def handled(file: Path, body: Any) -> Any:
    """What an emulator gets for the run's payload."""

    @durable_execution
    def durable(event: dict[str, Any], context: DurableContext) -> Any:
        return body(event["run"], DurableSteps(context))

    return durable_or_on_a_journal(durable, {VARIABLE: str(file), "AWS_ENDPOINT_URL": HERE})({"run": RUN}, None)


@pytest.mark.parametrize("endpoint", [HERE, "http://localhost:4566", "https://[::1]:4566"])
def test_a_journal_is_used_beside_an_emulator_on_this_machine(endpoint: str) -> None:
    assert journal_file({VARIABLE: "/tmp/runs.sqlite", "AWS_ENDPOINT_URL": endpoint}) == "/tmp/runs.sqlite"


@pytest.mark.parametrize(
    "endpoint",
    [{}, *({"AWS_ENDPOINT_URL": url} for url in ("", "https://lambda.eu-west-1.amazonaws.com", "http://[127.0.0.1"))],
)
def test_on_aws_the_variable_changes_nothing(endpoint: Mapping[str, str]) -> None:
    """Whoever sets it by mistake has durable runs still."""
    environment = {VARIABLE: "/tmp/runs.sqlite", **endpoint}
    asked: list[Any] = []
    handle = durable_or_on_a_journal(lambda event, context: asked.append((event, context)), environment)
    handle({"DurableExecutionArn": "arn"}, "context")
    assert asked == [({"DurableExecutionArn": "arn"}, "context")]
    assert isinstance(answerer(environment, Clients()), Callbacks)


def test_without_the_variable_an_emulator_is_treated_as_aws() -> None:
    assert journal_file({"AWS_ENDPOINT_URL": HERE}) is None


def test_no_template_sets_the_variable() -> None:
    assert [file.name for file in ROOT.glob("*.y*ml") if VARIABLE in file.read_text()] == []
    assert VARIABLE not in (ROOT / "samconfig.toml").read_text()


def test_a_run_is_driven_to_its_end_and_its_steps_are_kept(tmp_path: Path) -> None:
    """An emulator that repeats an invocation repeats no step."""
    numbers = iter((1, 2))

    def body(run: str, steps: DurableSteps) -> Any:
        return {"run": run, "made": steps.once("make it", lambda: next(numbers))}

    ended = {"run": RUN, "made": 1}
    assert [handled(tmp_path / "runs", body) for _ in range(2)] == [ended, ended]
    assert next(numbers) == 2


def test_a_run_that_fails_is_for_the_dead_letters(tmp_path: Path) -> None:
    def body(run: str, steps: DurableSteps) -> Any:
        raise Unreachable("the table did not answer")

    with pytest.raises(Unreachable, match=f"{RUN} was not carried out: .*did not answer"):
        handled(tmp_path / "runs", body)


def test_another_function_answers_what_a_run_waits_for(tmp_path: Path) -> None:
    """Through the file: intake has the alarm's OK. What nobody waits for is no failure."""
    file, answers = tmp_path / "runs", []
    answer = answerer({VARIABLE: str(file), "AWS_ENDPOINT_URL": HERE}, Clients())

    def body(run: str, steps: DurableSteps) -> Any:
        return steps.pause("the alarm's OK", 60, lambda callback: answers.append(answer(callback, {"ok": True})))

    assert handled(file, body) == {"ok": True}
    assert answers == [True, False], "it was told where to answer twice: a replay tells again"
    assert answer("nobody", {"ok": True}) is False
