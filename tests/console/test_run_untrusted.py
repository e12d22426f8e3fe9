"""What anybody may have written, and what nobody may read: on a run's page, in its file and in its post-mortem."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from nightcrew import Run
from tests.console.conftest import ADA, signed_in
from tests.console.past import refused
from tests.console.reader import Newsroom, Reader
from tests.console.test_run import at, ledger
from tests.house import House
from tests.knowledge.incidents import THREE, Ledger
from tests.queues import Queue, a_queue, hide_for, on_call

EVIL = "<script>alert(1)</script>"
QUOTED = "\"' onload=x <img src=x> & {{ 7*7 }}"
RUN = "20261121-030004-untrust"
MARKS = ("<script>alert", "<img src")


@pytest.fixture
def book(room: Newsroom) -> Ledger:
    return ledger(room)


def test_whatever_an_event_says_is_text(reader: Reader, book: Ledger) -> None:
    """The alarm's name and reason, the resource, values, errors, tags, figures and words."""
    arn = f"arn:aws:ec2:eu-west-1:123456789012:instance/{QUOTED}"
    more: dict[str, Any] = {"reason": QUOTED, "why": EVIL, "tags": {EVIL: QUOTED}, "policy": EVIL}
    chain = book.opened(RUN, THREE, alarm=EVIL, resource=arn, symptom=EVIL, **more)
    read = {"read": EVIL, "call": QUOTED, "value": {EVIL: QUOTED}, "at": chain.at(1)}
    chain.change(2, EVIL, QUOTED, [read, {"require": EVIL, "held": True}], parameters={EVIL: QUOTED}, undo=EVIL)
    error = {"code": EVIL, "message": QUOTED, "request": EVIL}
    failed = {"changed": EVIL, "how": EVIL, "error": error, "result": {EVIL: QUOTED}, "at": chain.at(3)}
    chain.close(4, "failed", EVIL, [failed], error=error, not_undone=[{"title": EVIL, "words": QUOTED}])
    for page in (at(reader, RUN), reader.open(f"/console/runs/{RUN}/postmortem")):
        assert page.status == 200
        assert EVIL in page.words
        assert [mark for mark in MARKS if mark in page.text] == []
    assert QUOTED in at(reader, RUN).words


def test_whatever_a_refusal_says_is_text(reader: Reader, room: Newsroom) -> None:
    run = refused(room, "evil1", EVIL, QUOTED, figures={EVIL: QUOTED, "run": EVIL}, resource=EVIL, runbook=EVIL)
    page = at(reader, run)
    assert page.status == 200
    assert EVIL in page.words
    assert QUOTED in page.words
    assert [mark for mark in MARKS if mark in page.text] == []


def test_a_run_names_its_files_and_sets_no_header(reader: Reader, book: Ledger) -> None:
    """Who may append to the ledger may call a run as they like: a line's end in a header would begin another one."""
    run = '20261121-x"\r\nSet-Cookie: a=b\r\n\r\n'
    book.opened(run, THREE).close(4, "cured", "well", [])
    for file in ("entries.json", "postmortem.md"):
        sent = reader.send("GET", f"/console/runs/{quote(run, safe='')}/{file}")
        assert sent.status == 200
        name = sent.headers["content-disposition"].removeprefix('attachment; filename="').removesuffix('"')
        assert name.isascii()
        assert name.replace("-", "").replace(".", "").isalnum(), name


def test_a_run_that_there_is_not_is_named_as_text(reader: Reader) -> None:
    page = at(reader, "%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert page.status == 404
    assert EVIL in page.words
    assert EVIL not in page.text


@pytest.fixture
def vault(house: House, tmp_path: Path) -> Newsroom:
    """One whose only runbook sends to AWS what it keeps secret."""

    def rotates(run: Run, queue: Queue) -> str:
        run.change("hide them", hide_for(queue, 4321))
        return "well"

    return Newsroom.of(on_call(house, rotates, secret=["VisibilityTimeout"]), tmp_path)


def test_what_a_runbook_keeps_secret_stands_nowhere(vault: Newsroom) -> None:
    """Neither page, nor file, nor draft shows it: it is not in the ledger."""
    reader, given = signed_in(vault), {"queue": a_queue(vault.house, "console-secret")}
    told = vault.door.person(
        "rotates", given, actor=ADA, account="123456789012", region="eu-west-1", reason="it is time"
    )
    run = str(told.run)
    vault.carry(run)
    page = at(reader, run)
    draft = reader.open(page.links["Post-mortem"])
    others = [draft, reader.open(draft.links["Download as Markdown"]), reader.open(f"/console/runs/{run}/entries.json")]
    for each in (page, *others):
        assert each.status == 200
        assert "console-secret" in each.text
        assert not re.search(r"\b4321\b", each.text), each.path
    assert "redacted" in page.text
