"""`nightcrew search`: finds what people learned, and how runs ended, in a file of one's own."""

from pathlib import Path
from typing import Any

import pytest
from rich.text import Text

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.output import Output
from nightcrew.cli.reviewing.search import marked
from nightcrew.clock import SystemClock
from nightcrew.knowledge.lessons import correct, learn
from nightcrew.knowledge.search.search import Marked
from nightcrew.ledger.history import items
from nightcrew.ledger.transaction import Piece
from tests.cli.cloud import Demo
from tests.cli.deployed import NAME, Deployed
from tests.cli.desk import Seen, typed
from tests.cli.glass import ended
from tests.dispatch.glass import closed_port

ADA = "arn:aws:iam::123456789012:user/ada"


def ids(seen: Seen) -> list[str]:
    assert seen.code == 0, seen.err
    return [each["id"] for each in seen.json["found"]]


@pytest.fixture
def lesson(night: dict[str, str], demo: Demo) -> str:
    """What somebody learned of the run that succeeded."""
    words = "Restarted twice: look at the zeppelin's disk first."
    return learn(demo.store, SystemClock(), "lesson-a", words, author=ADA, run=night["succeeded"]).id


@pytest.fixture
def index(state: Path) -> Path:
    return state / "nightcrew" / "search" / "demo.sqlite"


def test_lessons_and_runs_are_found_and_the_match_is_marked(
    night: dict[str, str], lesson: str, demo: Demo, index: Path
) -> None:
    for columns in (80, 120, None):
        seen = typed("--demo", "search", "restarting", "disks", columns=columns)
        assert seen.code == 0
        assert seen.widest <= (columns or 1000)
        assert "[Restarted] twice: look at the zeppelin's [disk] first." in seen.out
        assert f"lesson-a · about {night['succeeded']}" in seen.out
        assert seen.err == ""
    assert index.exists()
    found = typed("--demo", "search", night["instance"], "--json").json
    assert found["searched"]["lesson"] == 1
    assert found["searched"]["run"] == 3
    assert {each["id"] for each in found["found"]} == {night["succeeded"], night["refused"]}
    assert found["found"][0]["id"] == night["succeeded"], "a refusal stands behind what ran"
    assert ids(typed("--demo", "search", "zeppel*", "--kind", "run", "--json")) == []
    assert ids(typed("--demo", "search", "zeppel*", "--kind", "lesson", "--since", "1h", "--json")) == [lesson]
    assert ids(typed("--demo", "search", "zeppel*", "--since", "2999-01-01", "--json")) == []
    shown = typed("--demo", "search", night["instance"], columns=80).out
    assert f"[{night['instance']}]" in shown.splitlines()[0]
    assert shown.splitlines()[-1] == f"  nightcrew --demo show {night['succeeded']}"
    none = typed("--demo", "search", "dirigible")
    assert (none.code, none.out.splitlines()) == (
        0,
        ["Nothing was found.", "searched 1 version of lessons and 3 runs and refusals"],
    )
    some = typed("--demo", "search", "dirigible", "zeppelin")
    assert some.out.splitlines()[0] == "Nothing has all of these words; these have some:"
    wrong = typed("--demo", "search", '"')
    assert (wrong.code, wrong.err.splitlines()[1].strip()) == (2, "a word has a letter or a digit")


def test_what_is_new_is_found_and_what_was_corrected_only_where_asked_for(lesson: str, demo: Demo) -> None:
    assert ids(typed("--demo", "search", "zeppelin", "--json")) == [lesson]
    correct(demo.store, SystemClock(), lesson, "look at the blimp", author=ADA)
    assert ids(typed("--demo", "search", "blimp", "--json")) == [lesson]
    assert ids(typed("--demo", "search", "zeppelin", "--json")) == []
    old = typed("--demo", "search", "zeppelin", "--all-versions", columns=80)
    assert "lesson-a · about" in old.out
    assert "corrected since" in old.out


def test_a_file_that_is_damaged_is_made_anew_and_one_that_is_well_where_that_is_asked_for(
    lesson: str, demo: Demo, index: Path
) -> None:
    """The latter as after an entry was put into the ledger by other ways, with a time long past."""
    typed("--demo", "search", "zeppelin")
    index.write_bytes(b"not at all a database" * 1000)
    seen = typed("--demo", "search", "zeppelin", "--json")
    assert ids(seen) == [lesson]
    assert seen.err.startswith("note: the search index is damaged")
    assert typed("--demo", "search", "zeppelin", "--json").err == ""
    [item] = items(demo.store, lesson)
    copied = {**item, "run": "lesson-b", "at": "2026-09-01T00:00:00.000Z", "ended": "2026-09-01T00:00:00.000Z#esson-b"}
    demo.store.transact([Piece("ledger", {"run": "lesson-b", "number": 0}, gate="somebody", put=copied)])
    assert ids(typed("--demo", "search", "zeppelin", "--json")) == [lesson]
    assert set(ids(typed("--demo", "search", "zeppelin", "--refresh", "--json"))) == {lesson, "lesson-b"}


def test_where_the_ledger_does_not_answer_what_was_read_is_searched(
    night: dict[str, str], deployed: Deployed, demo: Demo
) -> None:
    """As at night, when the Region is down; and what it is as of is said."""
    learn(demo.store, SystemClock(), "lesson-a", "the zeppelin", author=ADA, run=night["succeeded"])
    cut = {**deployed.environment, "AWS_ENDPOINT_URL_DYNAMODB": closed_port()}
    assert typed("--stack", NAME, "search", "zeppelin", **cut).code == 1
    assert ids(typed("--stack", NAME, "search", "zeppelin", "--json", **deployed.environment)) == ["lesson-a"]
    seen = typed("--stack", NAME, "search", "zeppelin", "--json", **cut)
    assert ids(seen) == ["lesson-a"]
    assert "searched is what was read until 20" in seen.err


def test_what_break_glass_left_is_searched_on_its_own(
    demo: Demo, glass: Path, state: Path, auto_policy: Policy, catalog: Catalog
) -> None:
    run = ended(glass, demo, auto_policy, catalog)
    assert ids(typed("search", "break-glass", "--json")) == [run]
    assert (state / "nightcrew" / "search" / "break-glass.sqlite").exists()
    assert ids(typed("--demo", "search", "break-glass", "--json")) == []
    assert typed("--demo", "upload").code == 0
    assert ids(typed("--demo", "search", "break-glass", "--json")) == [run]


@pytest.mark.parametrize(
    ("color", "shown"), [(True, ("a match here", [(2, 7)])), (False, ("a [match] here", []))], ids=["bold", "brackets"]
)
def test_without_colour_the_match_stands_between_brackets(
    color: bool, shown: tuple[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    made: Text = marked(Marked("a match\nhere", ((2, 7),)), Output(color=color))
    assert (made.plain, [(each.start, each.end) for each in made.spans if "bold" in str(each.style)]) == shown
