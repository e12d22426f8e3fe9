"""Runs: found by what they are about, page by page; and the story of one."""

import pytest

from nightcrew.ledger.chain import Chain
from tests.api.desk import OPERATOR, RUNBOOK, Office, event


@pytest.fixture
def ran(office: Office, instance: str) -> str:
    """A run that ended well."""
    run = str(office.start(instance_id=instance).body["run"])
    office.carry(run)
    return run


def test_a_run_in_progress_stands_beside_those_that_ended(office: Office, instance: str) -> None:
    run = office.start(instance_id=instance).body["run"]
    page = office.get("/runs")
    assert [(each["run"], each["outcome"]) for each in page["running"]] == [(run, "running")]
    office.carry(run)
    page = office.get("/runs")
    assert page["running"] == []
    assert [(each["run"], each["outcome"], each["ended"] is None) for each in page["runs"]] == [
        (run, "succeeded", False)
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"runbook": RUNBOOK}, True),
        ({"runbook": "scale-out-asg"}, False),
        ({"outcome": "succeeded"}, True),
        ({"outcome": "failed"}, False),
        ({"outcome": "running"}, False),
        ({"symptom": f"by hand:{RUNBOOK}"}, True),
        ({"symptom": "AWS/EC2:CPU, all:high"}, False),
        ({"since": "1h"}, True),
        ({"since": "2126-01-01"}, False),
        ({"until": "2126-01-01"}, True),
        ({"until": "1h"}, False),
        ({"person": OPERATOR}, True),
        ({"person": "otto"}, True),
        ({"person": "anna"}, False),
    ],
)
def test_runs_are_found_by_what_they_are_about(office: Office, ran: str, query: dict[str, str], found: bool) -> None:
    assert [each["run"] for each in office.get("/runs", **query)["runs"]] == ([ran] if found else [])


def test_what_runs_now_is_some_persons_too(office: Office, instance: str) -> None:
    """And stands in no span that ended before."""
    run = office.start(instance_id=instance).body["run"]
    assert [each["run"] for each in office.get("/runs", person="otto")["running"]] == [run]
    assert office.get("/runs", person="anna")["running"] == []
    assert office.get("/runs", until="1h")["running"] == []


def test_a_time_that_is_none_is_named(office: Office) -> None:
    said = office.ask("GET", "/runs", query={"until": "soon"})
    assert (said.status, said.body["field"]) == (422, "until")


def test_a_resource_is_named_by_its_arn_or_its_name(office: Office, ran: str, instance: str) -> None:
    for name in (instance, f"arn:aws:ec2:eu-west-1:123456789012:instance/{instance}"):
        assert [each["run"] for each in office.get("/runs", resource=name, runbook=RUNBOOK)["runs"]] == [ran]
    assert office.get("/runs", resource="i-0abc1234def567890", runbook=RUNBOOK)["runs"] == []


def test_pages_follow_one_another_and_miss_nothing(office: Office, instance: str) -> None:
    refused = {office.start(str(n), instance_id=f"i-0abc1234def56789{n}").body["run"] for n in range(5)}
    for run in refused:
        office.carry(run)
    found: list[str] = []
    after: dict[str, str] = {}
    for _ in range(9):
        page = office.get("/runs", limit=2, **after)
        found += [each["run"] for each in page["runs"]]
        if page["after"] is None:
            break
        after = {"after": page["after"]}
    assert sorted(found) == sorted(refused)


def test_a_cursor_goes_on_with_its_own_question_only(office: Office, ran: str) -> None:
    for after in ("x", "%%%", "eyJ9"):
        said = office.ask("GET", "/runs", query={"after": after})
        assert (said.status, said.body["field"]) == (422, "after")


def test_one_run_is_its_entries_as_they_stand(office: Office, ran: str) -> None:
    told = office.get(f"/runs/{ran}")
    chain = Chain.read(ran, office.store)
    assert (told["outcome"], told["actor"], told["consistent"]) == ("succeeded", OPERATOR, True)
    assert [each["hash"] for each in told["entries"]] == [each.hash for each in chain.entries]
    assert [each["kind"] for each in told["entries"]] == [each.kind for each in chain.entries]
    assert told["entries"][0]["body"]["reason"] == "it hangs"
    assert told["started"] == told["entries"][0]["at"] < told["ended"] == told["entries"][-1]["at"]


def test_a_refusal_is_shown_with_its_gate(office: Office, instance: str) -> None:
    office.start(instance_id=instance)
    assert office.start("two", instance_id=instance).body["gate"] == "lock"
    refused = office.get("/runs", outcome="refused")["runs"][0]["run"]
    told = office.get(f"/runs/{refused}")
    assert (told["outcome"], told["gate"], told["entries"][0]["kind"]) == ("refused", "lock", "refusal")


def test_what_people_learned_stands_with_the_run(office: Office, ran: str) -> None:
    office.ask("POST", "/lessons", {"words": "look at the disk", "run": ran})
    assert [each["words"] for each in office.get(f"/runs/{ran}")["lessons"]] == ["look at the disk"]


def test_a_run_that_there_is_not_is_404(office: Office) -> None:
    assert office.ask("GET", "/runs/20261121-030004-k3f9qa2m").status == 404


def test_a_lesson_is_no_run(office: Office) -> None:
    lesson = office.ask("POST", "/lessons", {"words": "look", "symptom": "s"}).body["id"]
    assert office.ask("GET", f"/runs/{lesson}").status == 404


def test_a_stage_stands_before_the_path(office: Office, ran: str) -> None:
    sent = event("GET", f"/runs/{ran}", stage="night")
    assert (sent["rawPath"], office.send(sent).status) == (f"/night/runs/{ran}", 200)


def test_behind_a_domain_of_ones_own_no_stage_stands_there(office: Office, ran: str) -> None:
    sent = event("GET", f"/runs/{ran}", stage="night")
    assert office.send(sent | {"rawPath": f"/runs/{ran}"}).status == 200
