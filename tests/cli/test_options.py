"""Options that are made from a runbook's signature, of every type that a parameter can have."""

from datetime import timedelta
from typing import Annotated, Any, Literal

import click
import pytest
from click.testing import CliRunner

from nightcrew.authoring.form import Form
from nightcrew.authoring.inputs import parameters
from nightcrew.aws.ec2 import InstanceId
from nightcrew.cli import options


def runbook(  # a form is made of its signature
    run: object,
    instance_id: InstanceId,
    count: int,
    mode: Literal["soft", "hard"] = "soft",
    within: timedelta = timedelta(minutes=90),
    force: bool = False,
    zones: Annotated[list[str], "a marker"] = [],  # noqa: B006  a signature, never called
    reason: str | None = None,
) -> None:
    """Never called."""


FORM = Form(runbook)


def typed(*words: str) -> dict[str, Any]:
    """The runbook's parameters that click reads from these words."""
    read: dict[str, Any] = {}

    def keep(**values: Any) -> None:
        read.update(options.given(values))

    own = click.Option(["--reason"], default="")
    command = click.Command("it", params=[*options.options(FORM), own], callback=keep)
    result = CliRunner().invoke(command, list(words))
    assert result.exit_code == 0, result.output
    return read


def test_what_is_not_typed_is_left_to_the_defaults() -> None:
    assert typed() == {}


def test_each_type_is_read_as_the_form_takes_it() -> None:
    words = ["--instance-id", "i-0abc1234def567890", "--count", "3", "--mode", "hard", "--within", "2h", "--force"]
    given = typed(*words, "--zones", "a", "--zones", "b")
    checked = FORM.validate(given)
    assert checked == {
        "instance_id": "i-0abc1234def567890",
        "count": 3,
        "mode": "hard",
        "within": timedelta(hours=2),
        "force": True,
        "zones": ["a", "b"],
        "reason": None,
    }
    assert typed("--no-force") == {"force": False}


def test_a_parameter_named_like_an_option_of_run_is_told_apart() -> None:
    """`--reason` is why the person runs it."""
    assert typed("--reason", "it hangs") == {}
    assert typed("--parameter-reason", "broken") == {"reason": "broken"}


@pytest.mark.parametrize(
    ("name", "option", "kind", "required", "default"),
    [
        ("instance_id", "--instance-id", "NAME", True, None),
        ("count", "--count", "NUMBER", True, None),
        ("mode", "--mode", "soft|hard", False, "soft"),
        ("within", "--within", "DURATION", False, "1h30m"),
        ("force", "--force", "", False, "no"),
        ("reason", "--parameter-reason", "TEXT", False, None),
    ],
)
def test_a_parameter_is_described(name: str, option: str, kind: str, required: bool, default: str | None) -> None:
    found = next(each for each in parameters(FORM) if each.name == name)
    assert (found.option, found.type, found.required, found.default) == (option, kind, required, default)


def test_a_choice_completes() -> None:
    option = next(each for each in options.options(FORM) if "--mode" in each.opts)
    context = click.Context(click.Command("it"))
    assert [item.value for item in option.shell_complete(context, "h")] == ["hard"]
