"""What was just done is told once it was done, and by nothing else: no link can say it."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from nightcrew.api.people import Person, Right
from nightcrew.console.done import AHEAD, LASTS, signed, told
from nightcrew.console.session import Session
from nightcrew.console.words import DONE
from tests.console.conftest import ADA, signed_in
from tests.console.reader import Newsroom, Reader

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
MINE, THEIRS = (Session(Person(ADA, frozenset(Right)), token) for token in ("a-token", "another-token"))
RUN = "/console/runs/20261121-030004-k3f9qa"
MADE_UP = ["approved", "approved.", "approved..", "approved.1", "approved.9999999999.x", "x.1.y", "approved.-1.é"]
MADE_UP += ["approved.².x", "approved.99999999999999999999.x"]


@pytest.mark.parametrize("key", DONE)
def test_it_is_told_on_the_page_that_comes(key: str) -> None:
    assert told(signed(key, RUN, MINE, NOW), RUN, MINE, NOW) == DONE[key]


def test_it_is_told_to_this_session_on_this_page_and_for_a_minute() -> None:
    """A link that is sent on, put together of others, or kept says nothing."""
    said = signed("approved", RUN, MINE, NOW)
    assert told(said, RUN, THEIRS, NOW) is None
    assert told(said, RUN.replace("k3f9qa", "other0"), MINE, NOW) is None
    assert told(said.replace("approved", "declined"), RUN, MINE, NOW) is None
    assert told(said.replace(str(int(NOW.timestamp())), str(int(NOW.timestamp()) + 1)), RUN, MINE, NOW) is None
    for later, there in ((LASTS, True), (LASTS + timedelta(seconds=1), False), (-AHEAD, True), (-2 * AHEAD, False)):
        assert (told(said, RUN, MINE, NOW + later) is not None) is there, later


@pytest.mark.parametrize("said", MADE_UP)
def test_what_somebody_makes_up_says_nothing(said: str) -> None:
    """Nor is it a slip of ours."""
    assert told(said, RUN, MINE, NOW) is None


def test_a_runs_name_may_be_anything() -> None:
    """Who may append to the ledger may call it as they like; a browser may ask for it in another spelling."""
    said = signed("learned", "/console/runs/a%22b", MINE, NOW)
    assert told(said, '/console/runs/a"b', MINE, NOW) == DONE["learned"]


@pytest.mark.parametrize("key", DONE)
@pytest.mark.parametrize("at", ["/console", "/console/history"])
def test_a_link_alone_shows_no_message(reader: Reader, key: str, at: str) -> None:
    """As it stood in addresses once."""
    page = reader.open(at, said=key)
    assert page.status == 200
    assert DONE[key] not in page.words
    assert 'class="said"' not in page.text


def test_what_was_done_is_told_once_it_was_done(room: Newsroom) -> None:
    """Without a script: to who did it, and to nobody to whom they send the address."""
    ada = signed_in(room)
    page = ada.open("/console/halt")
    [form] = [each for each in page.forms if each.method == "post" and each.action.endswith("/halt")]
    sent = ada.send("POST", form.action, {**form.fields, "reason": "it is late"})
    assert sent.status == 303
    address = sent.headers["location"]
    assert DONE["halted"] in ada.send("GET", address).words
    assert DONE["halted"] not in signed_in(room).send("GET", address).words
    [said] = parse_qs(urlsplit(address).query)["said"]
    other = f"/console/history?{urlencode({'said': said})}"
    assert DONE["halted"] not in ada.send("GET", other).words
    room.house.crew.installation.clock.sleep(61)
    assert DONE["halted"] not in ada.send("GET", address).words
