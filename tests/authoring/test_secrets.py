"""Secrets never enter the ledger, nor what people are shown while it runs."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

import pytest

from nightcrew import Run, calls
from nightcrew.aws.arns import ResourceName
from nightcrew.aws.kept import SecretRef
from nightcrew.errors import BadDeclaration
from tests.house import House
from tests.queues import Queue, a_queue, hide_for, on_call, settings

vault = calls("secretsmanager")
Secret = Annotated[str, ResourceName("secretsmanager", "secret:{}", pattern="[a-z-]+", example="checkout-key")]


def written(house: House, run: str) -> str:
    """All that is kept of a run, and all that was told while it ran."""
    return json.dumps([[dict(entry.body) for entry in house.entries(run)], house.told], default=str)


def test_what_a_runbook_declares_secret_is_nowhere(house: House) -> None:
    """Neither in a change's parameters nor in what a read brought back."""

    def hides(run: Run, queue: Queue) -> str:
        run.change("set it", hide_for(queue, 4321))
        run.read("look", settings(queue))
        run.prove("it is there", settings(queue), bool, within=timedelta(minutes=1), pick=lambda answer: answer)
        return "well"

    night = on_call(house, hides, secret=["VisibilityTimeout"])
    run, ended = night.start("hides", queue=a_queue(night, "secrets-declared"))
    assert ended["outcome"] == "succeeded"
    assert "4321" not in written(night, run)
    assert written(night, run).count('"VisibilityTimeout": "redacted"') >= 3


def test_what_awss_model_marks_sensitive_is_nowhere(house: House) -> None:
    """Nobody needs to declare it."""

    def rotates(run: Run, secret: Secret) -> str:
        run.change("set it", vault.put_secret_value(SecretId=secret, SecretString="hunter2"))
        run.read("look", vault.get_secret_value(SecretId=secret))
        run.prove("it is there", vault.get_secret_value(SecretId=secret), bool, within=timedelta(minutes=1))
        return "well"

    night = on_call(house, rotates, permissions=["secretsmanager:PutSecretValue", "secretsmanager:GetSecretValue"])
    made = night.crew.client("secretsmanager")
    made.create_secret(Name="secrets-by-model", SecretString="first")
    run, ended = night.start("rotates", secret="secrets-by-model")
    assert ended["outcome"] == "succeeded"
    assert made.get_secret_value(SecretId="secrets-by-model")["SecretString"] == "hunter2"
    assert "hunter2" not in written(night, run)
    assert '"SecretString": "redacted"' in written(night, run)


def takes_text(run: Run, queue: Queue, password: str) -> str:
    return f"{run}{queue}{password}"


def takes_where(run: Run, queue: Queue, password: SecretRef) -> str:
    return f"{run}{queue}{password}"


@pytest.mark.parametrize("function", [takes_text, takes_where])
@pytest.mark.parametrize("name", ["password", "Password"])
def test_no_parameter_may_be_secret(house: House, function: Callable[..., str], name: str) -> None:
    """It stands in the ledger as it was given: the author is told what to take instead."""
    with pytest.raises(BadDeclaration, match="password: SecretRef, and hand kept") as bad:
        on_call(house, function, secret=[name])
    assert "test_secrets.py:" in str(bad.value)


def test_a_parameter_that_says_where_one_is_kept_needs_no_declaration(house: House) -> None:
    assert on_call(house, takes_where).crew.installation.catalog["takes-where"].secret == frozenset()


def test_a_part_makes_no_parameter_secret_either(house: House) -> None:
    """What is secret in a part is secret in the whole."""

    def hides(run: Run, queue: Queue) -> str:
        return f"{run}{queue}"

    part = on_call(house, hides, secret=["PASSWORD"]).crew.installation.catalog["hides"]
    with pytest.raises(BadDeclaration, match="no parameter may be secret"):
        on_call(house, takes_text, parts=[part])


def takes_many(run: Run, queue: Queue, passwords: list[SecretRef]) -> str:
    return f"{run}{queue}{passwords}"


def takes_a_map(run: Run, queue: Queue, passwords: dict[str, SecretRef] | None = None) -> str:
    return f"{run}{queue}{passwords}"


@pytest.mark.parametrize("function", [takes_many, takes_a_map])
def test_where_a_secret_is_kept_is_a_parameter_of_its_own(house: House, function: Callable[..., str]) -> None:
    """In a list nobody would check it, and the secret itself would be taken."""
    with pytest.raises(BadDeclaration, match="must be a parameter of its own"):
        on_call(house, function)
