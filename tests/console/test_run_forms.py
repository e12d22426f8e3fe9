"""What somebody does on a run's page: ask it to stop, and write down what was learned."""

import pytest

from nightcrew.admission.cancelling import wished
from nightcrew.knowledge.lessons import lessons
from tests.console.conftest import signed_in
from tests.console.looking import looking
from tests.console.past import SYMPTOM, arn, ended
from tests.console.reader import Newsroom, Reader
from tests.console.test_run import at, begun


@pytest.fixture
def run(careful: Newsroom, instance: str) -> str:
    """A run that goes on: it waits for people."""
    made = begun(careful, instance)
    careful.until_it_asks(made)
    return made


def stop(run: str) -> str:
    return f"/console/runs/{run}/cancel"


def write(run: str) -> str:
    return f"/console/runs/{run}/lessons"


def test_a_run_is_cancelled_with_a_reason(careful_reader: Reader, careful: Newsroom, run: str) -> None:
    """The page says who asked it to stop and why; once it has ended, so does its story."""
    page = careful_reader.submit(at(careful_reader, run), stop(run), reason="wrong <b>machine</b>")
    assert "Asked to stop." in page.words
    assert "It was asked to stop: cancelled by ada" in page.words
    assert "wrong <b>machine</b>" in page.words
    assert "<b>machine" not in page.text
    assert not [form for form in page.forms if form.action == stop(run)]
    careful.carry(run)
    assert "■ cancelled" in at(careful_reader, run).words


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_a_cancel_wants_a_reason(
    careful_reader: Reader, careful: Newsroom, instance: str, run: str, reason: str
) -> None:
    """It is said at its field, with what was typed, and nobody is asked to stop."""
    page = careful_reader.submit(at(careful_reader, run), stop(run), reason=reason)
    assert page.status == 422
    assert 'aria-invalid="true"' in page.text
    assert "say why" in page.words
    assert page.form(stop(run)).fields["reason"] == reason.strip()
    assert 'data-live=""' not in page.text, "its address shows the run, not the form: to refresh it would be no use"
    assert wished(careful.house.crew.store, run, arn(instance)) is None


def test_the_first_reason_stays(careful_reader: Reader, run: str) -> None:
    """Sent twice, as by a double click, or by who saw the page before somebody else did."""
    page = at(careful_reader, run)
    careful_reader.submit(page, stop(run), reason="first")
    told = careful_reader.submit(page, stop(run), reason="second")
    assert ": first" in told.words
    assert "second" not in told.words


def test_what_is_over_cannot_be_stopped_and_says_so(reader: Reader, room: Newsroom, instance: str) -> None:
    """Whoever had the page open while it ended."""
    run = begun(room, instance)
    page = at(reader, run)
    room.carry(run)
    after = reader.submit(page, stop(run), reason="late")
    assert "It had ended already" in after.words
    assert "✓ succeeded" in after.words


def test_a_lesson_is_written_once_however_often_it_is_sent(reader: Reader, room: Newsroom) -> None:
    """By a double click, or after a lost answer: the form has a key. Its markup is text."""
    run = ended(room, "20261121-030004-lesson")
    page = at(reader, run)
    reader.submit(page, write(run), words="look at the <b>disk</b> first\nthen restart")
    told = reader.submit(page, write(run), words="look at the <b>disk</b> first\nthen restart")
    assert "Written down." in told.words
    assert "look at the <b>disk</b> first" in told.words
    assert "<b>disk" not in told.text
    assert "first<br>then" in told.text
    found = lessons(room.house.crew.store, run=run)
    assert [each.words for each in found] == ["look at the <b>disk</b> first\nthen restart"]
    assert reader.submit(told, write(run), words="another").status == 200
    assert len(lessons(room.house.crew.store, run=run)) == 2


def test_another_lesson_under_the_same_key_is_not_passed_over(reader: Reader, room: Newsroom) -> None:
    """Going back and sending other words says so, and keeps the words."""
    run = ended(room, "20261121-030004-lesson")
    page = at(reader, run)
    reader.submit(page, write(run), words="one")
    second = reader.submit(page, write(run), words="two")
    assert second.status == 422
    assert "another lesson was written down already" in second.words
    assert second.form(write(run)).fields["words"] == "two"
    third = reader.submit(second, write(run), words="two")
    assert "Written down." in third.words
    assert {each.words for each in lessons(room.house.crew.store, run=run)} == {"one", "two"}


def test_a_lesson_about_the_symptom_is_there_for_the_next_one(reader: Reader, room: Newsroom) -> None:
    """It stands beside each run that has it, and beside no other."""
    run, next_one = ended(room, "20261121-030004-lesson"), ended(room, "20261121-030005-nextone")
    reader.submit(at(reader, run), write(run), words="it is the disk", about="symptom")
    assert [each.symptom for each in lessons(room.house.crew.store, symptom=SYMPTOM)] == [SYMPTOM]
    assert "it is the disk ada" in at(reader, next_one).words
    assert "about its symptom" in at(reader, next_one).words
    by_hand = ended(room, "20261121-030006-byhand", symptom="by hand:restart-ec2-instance", resource="arn:aws:x:y:z:b")
    assert "about" not in at(reader, by_hand).form(write(by_hand)).fields


@pytest.mark.parametrize(
    ("words", "said"),
    [(" ", "say in a sentence"), ("the key is AKIAIOSFODNN7EXAMPLE", "no secret goes into the ledger")],
)
def test_a_lesson_that_is_not_fit_is_said_at_its_field(reader: Reader, room: Newsroom, words: str, said: str) -> None:
    """The ledger forgets nothing: what looks like a credential is not written down, and not said back."""
    run = ended(room, "20261121-030004-lesson")
    page = reader.submit(at(reader, run), write(run), words=words)
    assert page.status == 422
    assert said in page.words
    assert 'aria-describedby="wrong-words"' in page.text
    assert "AKIA" not in page.text
    assert not lessons(room.house.crew.store, run=run)


def test_who_may_only_look_changes_nothing(careful: Newsroom, run: str) -> None:
    """Even with the token of their own session."""
    viewer = looking(careful)
    token = next(form for form in signed_in(careful).open("/console").forms if "token" in form.fields).fields["token"]
    for form in (stop(run), write(run)):
        sent = viewer.send("POST", form, {"token": token, "reason": "x", "words": "x"})
        assert sent.status == 403
    assert not lessons(careful.house.crew.store, run=run)


def test_a_form_that_came_back_has_an_address(reader: Reader, room: Newsroom) -> None:
    """Whoever opens it anew sees the run."""
    run = ended(room, "20261121-030004-lesson")
    for form in (stop(run), write(run)):
        assert reader.open(form).path == f"/console/runs/{run}"
