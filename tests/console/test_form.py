"""A form made from a runbook's schema: the fields, what is typed into them, and what is never said back."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from nightcrew import Run
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.checked import JsonObject
from nightcrew.aws.kept import SECRET, SecretRef
from nightcrew.console.filled import Filled
from nightcrew.console.form import fields
from nightcrew.ledger.history import opening
from tests.console.conftest import signed_in
from tests.console.reader import Newsroom, Reader
from tests.house import House
from tests.queues import Queue, a_queue, hide_for, on_call

TAKES = "/console/runbooks/takes"


def examples(runbook: Runbook) -> dict[str, str]:
    """What its required parameters may be."""
    return {each: runbook.form.example(each) or "1" for each in runbook.form.required}


def filled_in(runbook: Runbook) -> dict[str, tuple[str]]:
    """What stands in its form then, defaults among it."""
    given = examples(runbook)
    return {each.name: (each.value or given.get(each.parameter, ""),) for each in fields(runbook, {})}


@pytest.mark.parametrize("name", sorted(Catalog.load()))
def test_each_runbook_has_a_form_that_takes_its_own_examples(name: str, catalog: Catalog) -> None:
    """Defaults stand there, and mean what they say."""
    runbook = catalog[name]
    filled = Filled.of(runbook, filled_in(runbook))
    assert filled.wrong == {}
    assert runbook.form.validate(filled.values) == runbook.form.validate(examples(runbook))


def test_a_page_has_what_its_address_has_as_if_it_was_typed(catalog: Catalog, reader: Reader) -> None:
    """For one runbook of each set of kinds of fields: a template knows no more of them. Nothing can be started yet."""
    of_kinds = {frozenset(each.kind for each in fields(runbook, {})): runbook for runbook in catalog.values()}
    assert len(of_kinds) > 5
    for runbook in of_kinds.values():
        page = reader.open(f"/console/runbooks/{runbook.name}/run", **examples(runbook))
        found = page.form(f"/console/runbooks/{runbook.name}/plan").fields
        assert {name: (found[name],) for name in filled_in(runbook)} == filled_in(runbook), runbook.name
        assert not [each.action for each in page.forms if each.action.endswith("/start")]


def test_fields_are_of_the_parameters_kinds(all_kinds: Newsroom) -> None:
    """Numbers with their limits, choices, switches, times, lists; where a secret is kept is a text like others."""
    kinds = {each.parameter: each.kind for each in fields(all_kinds.house.crew.installation.catalog["takes"], {})}
    assert kinds == {
        "queue": "text",
        "count": "number",
        "share": "number",
        "mode": "choice",
        "on": "switch",
        "maybe": "choice",
        "names": "lines",
        "at": "time",
        "within": "duration",
        "payload": "area",
        "password": "text",
        "reason": "text",
    }


def test_everything_that_a_form_can_ask_arrives(all_kinds: Newsroom) -> None:
    """As the runbook wants it, whatever its own fields are called."""
    reader = signed_in(all_kinds)
    typed = {"count": "7", "share": "0.5", "mode": "fast", "on": "no", "maybe": "yes", "names": " a b \r\n\r\n<c> "}
    more = {"at": "2026-11-21T03:00:00", "within": "90s", "payload": '{"a": 1}', "parameter-reason": "theirs"}
    queue = a_queue(all_kinds.house, "console-kinds")
    page = reader.submit(reader.open(f"{TAKES}/run"), f"{TAKES}/plan", queue=queue, **typed, **more, reason="mine")
    assert page.status == 200, page.words
    assert reader.send("POST", f"{TAKES}/start", page.form(f"{TAKES}/start").fields).status == 303
    body = opening_of(all_kinds)
    assert body["reason"] == "mine"
    assert body["parameters"] == {
        "queue": queue,
        "count": 7,
        "share": 0.5,
        "mode": "fast",
        "on": False,
        "maybe": True,
        "names": ["a b", "<c>"],
        "at": "2026-11-21T03:00:00+00:00",
        "within": "90s",
        "payload": '{"a": 1}',
        "password": None,
        "reason": "theirs",
    }


def test_a_switch_that_is_on_sends_yes(all_kinds: Newsroom) -> None:
    """A browser sends the field before it, too."""
    runbook = all_kinds.house.crew.installation.catalog["takes"]
    assert Filled.of(runbook, {"on": ("no", "yes")}).values == {"on": "yes"}
    assert Filled.of(runbook, {"on": ("no",)}).values == {"on": "no"}


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("count", "0", "it must be"),
        ("count", "9" * 40, "a smaller number"),
        ("share", "inf", "a smaller number"),
        ("share", "nan", "a smaller number"),
        ("mode", "<script>alert(1)</script>", "it must be one of slow, fast"),
        ("names", "x" * 40, "it must be"),
        ("at", "tomorrow", "a time with its zone"),
        ("payload", "{", "it must be JSON"),
    ],
)
def test_each_kind_says_what_it_must_be(all_kinds: Newsroom, field: str, typed: str, words: str) -> None:
    """At its field; what was typed stays, escaped."""
    reader = signed_in(all_kinds)
    page = reader.submit(reader.open(f"{TAKES}/run", queue="q"), f"{TAKES}/plan", **{field: typed})
    assert page.status == 422
    assert f'id="wrong-{field}"' in page.text
    assert words in page.words
    assert page.form(f"{TAKES}/plan").fields[field] == ("{}" if field == "payload" else typed)
    assert "<script>alert" not in page.text


def test_limits_stand_at_the_field(all_kinds: Newsroom) -> None:
    """A browser says them before anything is sent."""
    page = signed_in(all_kinds).open(f"{TAKES}/run")
    assert 'min="1" max="9"' in page.text
    assert 'type="datetime-local"' in page.text
    assert '<option value="slow" selected>' in page.text
    assert "a whole number from 1 to 9" in page.words


def test_a_secret_is_not_taken_and_stands_on_no_page(all_kinds: Newsroom) -> None:
    """Neither alone, nor where something else is wrong, nor at the start."""
    reader = signed_in(all_kinds)
    queue = a_queue(all_kinds.house, "console-secret")
    form = reader.open(f"{TAKES}/run", queue=queue)
    alone = reader.submit(form, f"{TAKES}/plan", password="hunter2-secret")
    wrong = reader.submit(form, f"{TAKES}/plan", password="hunter2-secret", count="0")
    page = reader.submit(form, f"{TAKES}/plan")
    fields = {**page.form(f"{TAKES}/start").fields, "password": "hunter2-secret"}
    start = reader.send("POST", f"{TAKES}/start", fields)
    for each in (alone, wrong, start):
        assert each.status == 422
        assert "it must say where the secret is kept, and not the secret" in each.words
        assert "hunter2" not in each.text
    assert all_kinds.started == []


def test_where_a_secret_is_kept_is_sent_again_like_anything_else(all_kinds: Newsroom) -> None:
    """To the plan, to the start, and to the form."""
    reader, queue = signed_in(all_kinds), a_queue(all_kinds.house, "console-secret-kept")
    page = reader.submit(reader.open(f"{TAKES}/run", queue=queue), f"{TAKES}/plan", password=SECRET)
    assert page.form(f"{TAKES}/start").fields["password"] == SECRET
    assert SECRET in page.words
    assert reader.send("POST", f"{TAKES}/start", page.form(f"{TAKES}/start").fields).status == 303
    assert opening_of(all_kinds)["parameters"]["password"] == SECRET


def test_a_payload_that_is_refused_for_a_secret_is_not_said_back(all_kinds: Newsroom) -> None:
    """Nobody declared it: it was pasted."""
    reader = signed_in(all_kinds)
    form = reader.open(f"{TAKES}/run", queue="q")
    page = reader.submit(form, f"{TAKES}/plan", payload='{"password": "hunter2"}')
    assert page.status == 422
    assert "looks like one" in page.words
    assert "hunter2" not in page.text


def test_a_field_that_the_runbook_has_not_is_no_start(all_kinds: Newsroom) -> None:
    """A form of an older version, with a parameter that is called otherwise now."""
    reader = signed_in(all_kinds)
    form = reader.open(f"{TAKES}/run", queue="q")
    page = reader.submit(form, f"{TAKES}/plan", Password="hunter2")
    assert page.status == 422
    assert "Password" in page.words
    assert "hunter2" not in page.text


@pytest.fixture
def all_kinds(house: House, tmp_path: Path) -> Newsroom:
    """A room whose only runbook takes all that a parameter can be."""
    return Newsroom.of(on_call(house, takes), tmp_path)


def takes(
    run: Run,
    queue: Queue,
    count: Annotated[int, Field(ge=1, lt=10)] = 3,
    share: float = 0.25,
    mode: Literal["slow", "fast"] = "slow",
    on: bool = True,
    maybe: bool | None = None,
    names: list[Annotated[str, Field(max_length=20)]] = [],  # noqa: B006  it is nobody's but the form's
    at: datetime | None = None,
    within: timedelta = timedelta(minutes=10),
    payload: JsonObject = "{}",
    password: SecretRef | None = None,
    reason: str = "",
) -> str:
    run.change(f"hide them for {count} s", hide_for(queue, count))
    return "well"


def opening_of(room: Newsroom) -> dict[str, Any]:
    (run,) = room.started
    entry = opening(room.house.crew.store, run)
    assert entry is not None
    return dict(entry.body)
