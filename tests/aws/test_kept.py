"""A secret that a call carries from where it is kept: nobody else has it."""

import json
import traceback
from typing import Any

import pytest

from nightcrew.authoring.form import Form
from nightcrew.aws.calls import Call, calls
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.aws.kept import SECRET, SecretRef, kept
from nightcrew.demo.scripted import Refusal
from nightcrew.errors import BadParameter, Forbidden
from tests.house import House

PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/checkout/db-password"
READ, TAG = "secretsmanager:GetSecretValue", "sqs:TagQueue"
HIDDEN = "hunter2-in-the-vault"
NO_SECRET = [HIDDEN, "", "checkout", SECRET.removesuffix("-AbCdEf")[:40], f"{SECRET} ", f"x{SECRET}", f"{SECRET}:a:b"]
NO_SECRET += ["arn:aws:s3:::bucket/key", "arn:aws:ssm:eu-west-1:123456789012:document/checkout"]


def takes(run: Any, password: SecretRef, other: SecretRef | None = None) -> str:
    """Nothing else."""
    return f"{run}{password}{other}"


def tags(reference: str = SECRET) -> Call:
    """A change whose field AWS's model does not mark as sensitive; the secret stands within it."""
    return calls("sqs").tag_queue(QueueUrl="https://sqs/q", Tags={"plain": "yes", "key": kept(reference)})


def vault(house: House, text: str = HIDDEN) -> Cloud:
    """A way out to an AWS that keeps that text."""
    house.scripted.answer("secretsmanager", "GetSecretValue", {"SecretString": text})
    house.scripted.answer("sqs", "TagQueue", {})
    return Cloud(house.scripted, {READ, TAG}, "a-runbook")


@pytest.mark.parametrize("reference", [SECRET, f"{SECRET}:password", PARAMETER])
def test_a_parameter_takes_where_it_is_kept(reference: str) -> None:
    assert Form(takes).validate({"password": reference})["password"] == reference


@pytest.mark.parametrize("value", [*NO_SECRET, [HIDDEN], {"a": HIDDEN}, 1])
@pytest.mark.parametrize("name", ["password", "other"])
def test_a_parameter_takes_nothing_else_and_does_not_say_it_back(name: str, value: Any) -> None:
    """It may be the secret itself."""
    with pytest.raises(BadParameter) as bad:
        Form(takes).validate({"password": SECRET, name: value})
    assert bad.value.field == name
    assert bad.value.value == "redacted"
    assert HIDDEN not in str(bad.value)


def test_under_a_mistyped_name_it_is_not_said_back(house: House) -> None:
    del house
    with pytest.raises(BadParameter) as bad:
        Form(takes).validate({"password": SECRET, "pasword": HIDDEN})
    assert "there are: password, other" in str(bad.value)
    assert HIDDEN not in str(bad.value)


def test_it_is_read_as_the_call_is_sent_within_whatever_it_stands(house: House) -> None:
    vault(house).change(tags())
    read, tag = house.scripted.sent
    assert read.parameters == {"SecretId": SECRET}
    assert tag.parameters["Tags"] == {"plain": "yes", "key": HIDDEN}


def test_one_member_of_a_secret_that_is_json(house: House) -> None:
    vault(house, json.dumps({"user": "ada", "password": HIDDEN})).change(tags(f"{SECRET}:password"))
    read, tag = house.scripted.sent
    assert read.parameters == {"SecretId": SECRET}
    assert tag.parameters["Tags"]["key"] == HIDDEN


def test_a_parameter_of_ssm(house: House) -> None:
    house.scripted.answer("ssm", "GetParameter", {"Parameter": {"Value": HIDDEN}})
    house.scripted.answer("sqs", "TagQueue", {})
    Cloud(house.scripted, {"ssm:GetParameter", TAG}, "a-runbook").change(tags(PARAMETER))
    read, tag = house.scripted.sent
    assert read.parameters == {"Name": PARAMETER, "WithDecryption": True}
    assert tag.parameters["Tags"]["key"] == HIDDEN


def test_what_a_plan_and_an_entry_show_of_the_call_is_where_it_comes_from() -> None:
    assert tags().shown()["Tags"] == {"plain": "yes", "key": "from secretsmanager:GetSecretValue"}


def test_the_runbook_must_declare_the_read(house: House) -> None:
    with pytest.raises(Forbidden, match=READ):
        Cloud(house.scripted, {TAG}, "a-runbook").change(tags())
    assert house.scripted.sent == []


@pytest.mark.parametrize("text", [HIDDEN, "{}", "[]", '"text"', json.dumps({"password": [HIDDEN]})])
def test_a_secret_that_is_otherwise_sends_nothing_and_is_not_said(house: House, text: str) -> None:
    """It is no JSON, or has no such member, or that is no text: there may be a secret in it all the same."""
    cloud = vault(house, text)
    with pytest.raises(CallFailed) as failed:
        cloud.change(tags(f"{SECRET}:password"))
    assert failed.value.kind == "refused"
    assert "its answer has not what the call would carry" in failed.value.message
    assert HIDDEN not in "".join(traceback.format_exception(failed.value))
    assert house.scripted.changes() == []


def test_what_aws_says_of_it_is_kept_without_it(house: House) -> None:
    """In a message, and in whatever a log would show of how it came to it."""
    cloud = vault(house)
    house.scripted.script("sqs", "TagQueue", lambda _: Refusal("InvalidTag", f"Value '{HIDDEN}' is too plain"))
    with pytest.raises(CallFailed) as failed:
        cloud.change(tags())
    assert failed.value.message == "Value 'redacted' is too plain"
    assert (failed.value.kind, failed.value.code) == ("refused", "InvalidTag")
    assert HIDDEN not in "".join(traceback.format_exception(failed.value))
    assert HIDDEN not in json.dumps(failed.value.to_dict())


def test_what_aws_answers_is_kept_without_it(house: House) -> None:
    """Though the model marks nothing there as sensitive."""
    house.scripted.answer("secretsmanager", "GetSecretValue", {"SecretString": HIDDEN})
    house.scripted.answer("lambda", "UpdateFunctionConfiguration", {"Description": f"with {HIDDEN}", "MemorySize": 128})
    cloud = Cloud(house.scripted, {READ, "lambda:UpdateFunctionConfiguration"}, "a-runbook")
    change = calls("lambda").update_function_configuration(FunctionName="f", Description=kept(SECRET))
    assert cloud.change(change).value == {"Description": "with redacted", "MemorySize": 128}


def test_nor_where_it_is_quoted(house: House) -> None:
    """A private key has several lines, and a message shows them as Python or JSON would."""
    key = 'first "line"\nsecond\\line\n'
    cloud = vault(house, key)
    said = f"{key!r} and {json.dumps(key)} are too plain"
    house.scripted.script("sqs", "TagQueue", lambda _: Refusal("InvalidTag", said))
    with pytest.raises(CallFailed) as failed:
        cloud.change(tags())
    assert failed.value.message == "'redacted' and \"redacted\" are too plain"
