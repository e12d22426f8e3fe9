"""Halt and lift on a page."""

from tests.console.reader import Newsroom, Reader


def test_everything_is_halted_and_lifted(reader: Reader, room: Newsroom) -> None:
    """Each page says so, with who, why and the way to lift it."""
    form = reader.open("/console/halt")
    assert "where you name neither, everything is halted" in form.words
    page = reader.submit(form, "/console/halt", reason="a storm")
    for words in ("Halted: everything", "by ada", "a storm", "Halted."):
        assert words in page.words, words
    lifted = reader.submit(page, "/console/halt/lift")
    assert "Halted: everything" not in lifted.words
    assert "Lifted." in lifted.words


def test_a_runbook_that_there_is_not_is_said_at_its_field(reader: Reader) -> None:
    """What was typed stays."""
    page = reader.submit(reader.open("/console/halt"), "/console/halt", account="12", reason="a storm")
    assert page.status == 422
    assert "it must be an account's id, of 12 digits" in page.words
    assert page.form("/console/halt").fields["reason"] == "a storm"
    assert 'aria-invalid="true"' in page.text


def test_a_field_tells_its_hint_and_what_is_wrong_with_it(reader: Reader) -> None:
    """In one attribute: of two a browser takes the first, and nobody hears the error."""
    page = reader.submit(reader.open("/console/halt"), "/console/halt", runbook="nothing-like-it", reason="a storm")
    assert page.status == 422
    (field,) = [each for each in page.text.splitlines() if 'id="runbook"' in each]
    assert field.count("aria-describedby") == 1
    assert 'aria-describedby="runbook-hint wrong-runbook"' in field


def test_a_halt_wants_a_reason(reader: Reader) -> None:
    """Whoever is stopped by it reads it."""
    page = reader.submit(reader.open("/console/halt"), "/console/halt", reason=" ")
    assert page.status == 422
    assert "say why" in page.words


def test_a_form_that_comes_back_says_that_something_is_halted(reader: Reader) -> None:
    """Whoever mistyped must know it as well as anybody."""
    reader.submit(reader.open("/console/halt"), "/console/halt", reason="a storm")
    page = reader.submit(reader.open("/console/halt"), "/console/halt", account="12", reason="once more")
    assert page.status == 422
    assert "Halted: everything" in page.words


def test_a_page_that_is_live_tells_a_halt_that_comes_meanwhile(reader: Reader) -> None:
    """What stands at the top of each page goes along with what is live; of itself it keeps no page asking."""
    before = reader.open("/console").text
    reader.submit(reader.open("/console/halt"), "/console/halt", reason="a storm")
    after = reader.open("/console").text
    assert [page.count("data-live") for page in (before, after)] == [3, 3]
    still = reader.open("/console/halt").text
    assert still.count("data-live") == still.count('data-live="along"') == 2
    assert after.index('data-live="along"') < after.index("Halted:") < after.index("<main")
