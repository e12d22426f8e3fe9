"""A request whose answer got lost is sent again: with the same key it leaves one lesson, and halts once."""

from datetime import timedelta

import pytest

from nightcrew.api.idempotency import HEADER, KEPT
from tests.api.desk import BOTH, OPERATOR, RUNBOOK, Office, Said

WORDS = {"words": "look at the disk", "symptom": "AWS/EC2:StatusCheckFailed_Instance:high"}


def learn(office: Office, key: str | None = "k", by: str = OPERATOR, **more: str) -> Said:
    headers = {HEADER: key} if key is not None else {}
    return office.ask("POST", "/lessons", WORDS | more, by=by, headers=headers)


def halt(office: Office, key: str = "k", **more: str) -> Said:
    return office.ask("POST", "/halts", {"reason": "a fire"} | more, headers={HEADER: key})


def written(office: Office) -> int:
    return len(office.get("/lessons", symptom=WORDS["symptom"]))


def wait(office: Office, length: timedelta) -> None:
    office.house.crew.installation.clock.sleep(length.total_seconds())


def test_a_lesson_that_is_sent_twice_is_one(office: Office) -> None:
    first = learn(office)
    wait(office, timedelta(seconds=3))
    again = learn(office, words="  look at the disk\n")
    assert (again.status, again.body) == (201, first.body)
    assert written(office) == 1


def test_it_is_the_first_version_though_it_was_corrected_meanwhile(office: Office) -> None:
    first = learn(office).body
    office.ask("POST", f"/lessons/{first['id']}/versions", {"words": "look at the log", "version": 0}, by=BOTH)
    assert learn(office).body == first
    assert [each["version"] for each in office.get("/lessons", lesson=first["id"])] == [1, 0]


def test_without_a_key_or_with_another_one_it_is_another_lesson(office: Office) -> None:
    for key in ("k", "l", None, None):
        assert learn(office, key).status == 201
    assert learn(office, "k", by=BOTH).status == 201
    wait(office, KEPT)
    assert learn(office, "k").status == 201
    assert written(office) == 6


def test_a_key_for_another_lesson_is_422_and_its_words_are_not_said_back(office: Office) -> None:
    learn(office)
    said = learn(office, words="look at the memory")
    assert (said.status, said.body["field"], said.body["value"]) == (422, HEADER, "k")
    assert "disk" not in said.text


@pytest.mark.parametrize("wrong", [{"words": "the key is AKIA" + "IOSFODNN7EXAMPLE"}, {"run": "20261121-030004-none"}])
def test_a_lesson_that_is_not_fit_keeps_no_key(office: Office, wrong: dict[str, str]) -> None:
    assert learn(office, **wrong).status == 422
    assert learn(office).status == 201


def test_a_key_is_one_calls_own(office: Office, instance: str) -> None:
    """A ticket's number may stand for its start, its lesson and its halt."""
    assert office.start("k", instance_id=instance).status == 202
    assert (learn(office).status, halt(office).status) == (201, 200)


def test_a_version_that_is_sent_twice_is_one(office: Office) -> None:
    """By the version that it follows, without a key."""
    path = f"/lessons/{learn(office).body['id']}/versions"
    first, again = (office.ask("POST", path, {"words": "look at the log", "version": 0}) for _ in range(2))
    assert (again.status, again.body) == (201, first.body)
    other = office.ask("POST", path, {"words": "look at the log", "version": 0}, by=BOTH)
    assert other.status == 409


def test_a_halt_that_is_sent_twice_leaves_free_what_was_set_free(office: Office) -> None:
    first = halt(office)
    assert halt(office).body == first.body
    office.ask("DELETE", "/halts", by=BOTH)
    said = halt(office)
    assert (said.status, said.body, office.get("/halts")) == (200, [], [])
    assert [each["what"] for each in halt(office, "another").body] == ["all"]


def test_a_key_for_another_halt_is_422_and_halts_nothing(office: Office) -> None:
    halt(office, runbook=RUNBOOK)
    said = halt(office)
    assert (said.status, said.body["field"]) == (422, HEADER)
    assert [each["what"] for each in office.get("/halts")] == ["runbook"]


def test_a_halt_that_is_not_fit_keeps_no_key(office: Office) -> None:
    assert halt(office, runbook="restart-ec2-instanse").status == 404
    assert halt(office, runbook=RUNBOOK).status == 200
