"""A run's post-mortem: to read, and to take away."""

from nightcrew.knowledge.postmortem.page import page as markdown
from nightcrew.knowledge.postmortem.postmortem import draft
from tests.console.reader import Newsroom, Reader
from tests.console.test_run import ledger
from tests.console.test_run_troubles import long_run, remove
from tests.knowledge.incidents import THREE, cured, undone

RUN = "20261121-030004-cured1"


def test_the_draft_is_read_on_a_page(reader: Reader, room: Newsroom) -> None:
    """Summary, impact, timeline, what worked and what did not, questions and actions."""
    cured(ledger(room))
    page = reader.open(reader.open(f"/console/runs/{RUN}").links["Post-mortem"])
    assert page.status == 200
    for words in (
        "Post-mortem: web-1-status, 2026-11-21 02:59 UTC",
        "At 02:59:56 the alarm web-1-status turned, and restart-ec2-instance was started",
        "it was over 2026-11-21 03:03:00",
        "✓ changes: stop it",
        "What did not",
        "Open questions",
        "Actions",
    ):
        assert words in page.words, words
    assert page.links["Back to the run"] == f"/console/runs/{RUN}"


def test_it_is_taken_away_as_markdown(reader: Reader, room: Newsroom) -> None:
    """The same as on a terminal."""
    book = ledger(room)
    undone(book)
    page = reader.open("/console/runs/20261121-040004-undone/postmortem")
    file = reader.open(page.links["Download as Markdown"])
    assert file.headers["content-type"] == "text/markdown; charset=utf-8"
    assert file.headers["content-disposition"] == 'attachment; filename="postmortem-20261121-040004-undone.md"'
    assert file.text == markdown(draft(book.store, ["20261121-040004-undone"], THREE))


def test_of_a_long_run_the_page_shows_a_part_and_the_file_has_all(reader: Reader, room: Newsroom) -> None:
    """It says how many moments are left out, and where they are."""
    run = long_run(ledger(room), 60, words="<&>" * 90)
    page = reader.open(f"/console/runs/{run}/postmortem")
    assert len(page.text.encode()) < 100_000
    assert "more moments are left out here: the Markdown has them all" in page.words
    assert "change 59" in reader.open(page.links["Download as Markdown"]).text


def test_without_its_first_entry_there_is_no_draft(reader: Reader, room: Newsroom) -> None:
    """Nobody knows what the run was about: its page does not offer one, and what is asked for all the same says why."""
    cured(ledger(room))
    remove(room.house.crew.store, 0)
    assert "Post-mortem" not in reader.open(f"/console/runs/{RUN}").links
    page = reader.open(f"/console/runs/{RUN}/postmortem")
    assert page.status == 404
    assert "without it nobody knows what the run was about" in page.words
    assert "What is left of the run" in page.links
