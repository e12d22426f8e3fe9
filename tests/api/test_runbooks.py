"""The catalog: pages, forms and records; and plans, which read and change nothing."""

import pytest
from jsonschema import Draft202012Validator

from nightcrew.authoring.catalog import Catalog
from tests.api.desk import OPERATOR, RUNBOOK, VIEWER, Office


def test_the_list_has_every_runbook(office: Office, catalog: Catalog) -> None:
    assert [each["name"] for each in office.get("/runbooks")] == list(catalog)


def test_a_page_has_a_form_that_takes_what_the_runbook_takes(office: Office, instance: str) -> None:
    form = Draft202012Validator(office.get(f"/runbooks/{RUNBOOK}")["form"])
    assert form.is_valid({"instance_id": instance})
    assert not form.is_valid({"instance_id": "machine"})
    assert not form.is_valid({})


def test_every_runbook_has_a_page(office: Office, catalog: Catalog) -> None:
    for name in catalog:
        page = office.get(f"/runbooks/{name}")
        Draft202012Validator.check_schema(page["form"])
        assert {each["name"] for each in page["parameters"]} == set(page["form"]["properties"])


def test_a_page_has_the_record(office: Office, instance: str) -> None:
    assert office.get(f"/runbooks/{RUNBOOK}")["record"]["last"] is None
    run = office.start(instance_id=instance).body["run"]
    office.carry(run)
    record = office.get(f"/runbooks/{RUNBOOK}")["record"]
    assert (record["tried"], record["cured"], record["last"]["run"]) == (1, 1, run)
    assert 0 < record["lower"] < 1


def test_an_unknown_runbook_is_404(office: Office) -> None:
    said = office.ask("GET", "/runbooks/restart-ec2-instanse")
    assert said.status == 404
    assert RUNBOOK in said.body["detail"]


def test_a_plan_names_the_changes_and_makes_none(office: Office, instance: str) -> None:
    said = office.ask("POST", f"/runbooks/{RUNBOOK}/plan", {"parameters": {"instance_id": instance}})
    assert said.status == 200
    changes = [line["call"] for line in said.body["lines"] if line["verb"] == "change"]
    assert changes == ["ec2:StopInstances", "ec2:StartInstances"]
    assert office.house.scripted.changes() == []
    assert office.get("/runs") == {"running": [], "runs": [], "after": None}


def test_a_plan_may_be_of_another_account(office: Office, instance: str) -> None:
    body = {"parameters": {"instance_id": instance}, "account": "210987654321", "region": "us-east-1"}
    said = office.ask("POST", f"/runbooks/{RUNBOOK}/plan", body)
    assert said.body["resource"] == f"arn:aws:ec2:us-east-1:210987654321:instance/{instance}"


@pytest.mark.parametrize(
    ("parameters", "field", "value"),
    [
        ({}, "instance_id", None),
        ({"instance_id": "machine"}, "instance_id", "machine"),
        ({"instance_id": "i-0abc1234def567890", "within": "soon"}, "within", "soon"),
        ({"instance_id": "i-0abc1234def567890", "pasword": "hunter2"}, "pasword", "redacted"),
    ],
)
def test_a_bad_parameter_is_named(office: Office, parameters: dict[str, str], field: str, value: str | None) -> None:
    """The value of a name that nobody knows is not said back: it may be a secret under a mistyped name."""
    said = office.ask("POST", f"/runbooks/{RUNBOOK}/plan", {"parameters": parameters})
    assert (said.status, said.body["field"], said.body["value"]) == (422, field, value)
    assert said.body["allowed"] in said.body["detail"]
    assert "hunter2" not in said.text


def test_who_only_looks_plans_nothing(office: Office) -> None:
    assert office.ask("POST", f"/runbooks/{RUNBOOK}/plan", {}, by=VIEWER).status == 403
    assert office.ask("POST", f"/runbooks/{RUNBOOK}/plan", {}, by=OPERATOR).status == 422
