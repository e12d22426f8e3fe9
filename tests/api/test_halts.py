"""The halt: set, listed, lifted; and everything stops by it."""

from tests.api.desk import OPERATOR, RUNBOOK, Office


def test_a_halt_names_who_and_why_and_stops_starts(office: Office, instance: str) -> None:
    said = office.ask("POST", "/halts", {"reason": "a fire"})
    assert [(each["what"], each["by"], each["reason"]) for each in said.body] == [("all", OPERATOR, "a fire")]
    assert office.get("/halts") == said.body
    assert office.start(instance_id=instance).body["gate"] == "halt"


def test_a_halt_may_be_of_one_runbook_or_account(office: Office) -> None:
    office.ask("POST", "/halts", {"reason": "x", "runbook": RUNBOOK})
    said = office.ask("POST", "/halts", {"reason": "x", "account": "210987654321"})
    assert [(each["what"], each["name"]) for each in said.body] == [("account", "210987654321"), ("runbook", RUNBOOK)]
    left = office.ask("DELETE", "/halts", query={"runbook": RUNBOOK})
    assert [each["what"] for each in left.body] == ["account"]


def test_lifting_what_is_not_halted_changes_nothing(office: Office) -> None:
    assert office.ask("DELETE", "/halts").body == []


def test_a_mistyped_runbook_is_404_and_halts_nothing(office: Office) -> None:
    assert office.ask("POST", "/halts", {"reason": "x", "runbook": "restart-ec2-instanse"}).status == 404
    assert office.get("/halts") == []


def test_a_halt_wants_a_reason(office: Office) -> None:
    for body in ({}, {"reason": ""}, {"reason": "  "}):
        assert office.ask("POST", "/halts", body).body["field"] == "reason"


def test_one_thing_at_a_time_is_halted(office: Office) -> None:
    said = office.ask("POST", "/halts", {"reason": "x", "runbook": RUNBOOK, "account": "210987654321"})
    assert (said.status, said.body["field"]) == (422, "account")
