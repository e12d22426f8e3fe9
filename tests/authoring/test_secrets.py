"""Secrets never enter the ledger, nor what people are shown while it runs."""

import json
from datetime import timedelta
from typing import Annotated

from nightcrew import Run, calls
from nightcrew.aws.arns import ResourceName
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
