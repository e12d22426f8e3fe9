"""Recall, lessons, search and statistics; what policy says, and why."""

import pytest

from tests.api.desk import OPERATOR, RUNBOOK, Office


@pytest.fixture
def ran(office: Office, instance: str) -> str:
    """A run that ended well."""
    run = str(office.start(instance_id=instance).body["run"])
    office.carry(run)
    return run


def test_recall_tells_what_helped(office: Office, ran: str) -> None:
    found = office.get("/recall", symptom=f"by hand:{RUNBOOK}")
    assert [each["run"] for each in found["cases"]] == [ran]
    assert found["records"][0]["runbook"] == RUNBOOK


def test_recall_by_a_resources_name(office: Office, ran: str, instance: str) -> None:
    assert [each["run"] for each in office.get("/recall", resource=instance)["cases"]] == [ran]


def test_recall_wants_a_question(office: Office) -> None:
    said = office.ask("GET", "/recall")
    assert (said.status, said.body["field"]) == (422, "resource")


def test_recall_like_a_run_that_there_is_not_is_404(office: Office) -> None:
    assert office.ask("GET", "/recall", query={"run": "20261121-030004-k3f9qa2m"}).status == 404


def test_a_lesson_has_its_author_and_its_versions(office: Office, ran: str) -> None:
    first = office.ask("POST", "/lessons", {"words": "look at the disk", "run": ran})
    assert (first.status, first.body["author"], first.body["version"]) == (201, OPERATOR, 0)
    path = f"/lessons/{first.body['id']}/versions"
    second = office.ask("POST", path, {"words": "look at the log disk", "version": 0})
    assert (second.status, second.body["version"]) == (201, 1)
    assert [each["words"] for each in office.get("/lessons", run=ran)] == ["look at the log disk"]
    assert [each["version"] for each in office.get("/lessons", lesson=first.body["id"])] == [1, 0]


def test_words_of_others_are_not_passed_over(office: Office, ran: str) -> None:
    lesson = office.ask("POST", "/lessons", {"words": "a", "run": ran}).body["id"]
    office.ask("POST", f"/lessons/{lesson}/versions", {"words": "b", "version": 0})
    said = office.ask("POST", f"/lessons/{lesson}/versions", {"words": "c", "version": 0})
    assert (said.status, said.body["type"]) == (409, "urn:nightcrew:problem:conflict")
    assert "try again" in said.body["detail"]


@pytest.mark.parametrize("version", [False, "0", 0.5, -1, None])
def test_a_version_is_a_whole_number(office: Office, ran: str, version: object) -> None:
    lesson = office.ask("POST", "/lessons", {"words": "a", "run": ran}).body["id"]
    said = office.ask("POST", f"/lessons/{lesson}/versions", {"words": "b", "version": version})
    assert (said.status, said.body["field"]) == (422, "version")


def test_a_lesson_is_about_one_thing(office: Office, ran: str) -> None:
    assert office.ask("POST", "/lessons", {"words": "a"}).status == 422
    assert office.ask("POST", "/lessons", {"words": "a", "run": ran, "symptom": "s"}).status == 422
    assert office.ask("GET", "/lessons", query={"run": ran, "symptom": "s"}).status == 422


def test_a_credential_is_no_lesson(office: Office) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    said = office.ask("POST", "/lessons", {"words": f"the key is {key}", "symptom": "s"})
    assert said.status == 422
    assert key not in said.text


def test_lessons_of_what_there_is_not_are_404(office: Office) -> None:
    assert office.ask("GET", "/lessons", query={"run": "20261121-030004-k3f9qa2m"}).status == 404
    assert office.ask("GET", "/lessons", query={"lesson": "lesson-none"}).status == 404
    assert office.ask("POST", "/lessons/lesson-none/versions", {"words": "x", "version": 0}).status == 404


def test_search_finds_lessons_and_endings(office: Office, ran: str) -> None:
    lesson = office.ask("POST", "/lessons", {"words": "the hardware, again", "run": ran}).body["id"]
    found = office.get("/search", words="hardware")
    assert {each["id"] for each in found["found"]} == {ran, lesson}
    assert [each["id"] for each in office.get("/search", words="hardware, again", kind="lesson")["found"]] == [lesson]


def test_search_wants_words(office: Office) -> None:
    for query in ({}, {"words": ""}, {"words": "  "}):
        assert office.ask("GET", "/search", query=query).body["field"] == "words"


def test_statistics_count_the_days(office: Office, ran: str) -> None:
    told = office.ask("GET", "/statistics", query={"since": "7d", "by": "family"}).body
    assert (told["total"]["runs"], told["total"]["helped"], told["by"]) == (1, 1, "family")


def test_days_that_end_before_they_begin_are_refused(office: Office) -> None:
    said = office.ask("GET", "/statistics", query={"since": "2026-11-21", "until": "2026-11-01"})
    assert (said.status, said.body["field"]) == (422, "since")


def test_policy_is_explained_with_its_rules(office: Office, instance: str) -> None:
    said = office.ask("POST", "/policy/explain", {"runbook": RUNBOOK, "resource": instance})
    assert said.body["settings"]["autonomy"] == {"value": "auto", "because": "rules[0] (family: restart)"}
    assert any("a person may start it" in note for note in said.body["notes"])


def test_a_resource_that_policy_cannot_place_is_refused(office: Office) -> None:
    for resource in ("arn:aws:ec2", "no such machine"):
        said = office.ask("POST", "/policy/explain", {"runbook": RUNBOOK, "resource": resource})
        assert (said.status, said.body["field"]) == (422, "resource")


def test_why_tells_what_was_decided_and_what_stands_in_the_way(office: Office, ran: str, instance: str) -> None:
    told = office.get("/why", what=instance)
    assert [each["run"] for each in told["decisions"]] == [ran]
    assert "cool-down" in {each["gate"] for each in told["now"]}


def test_why_of_what_nobody_knows_is_empty(office: Office) -> None:
    assert office.get("/why", what="no such alarm")["decisions"] == []
