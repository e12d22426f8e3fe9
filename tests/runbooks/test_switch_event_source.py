"""switch-event-source: what it promises at night."""

import io
import itertools
import zipfile
from typing import Any

import pytest

from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.demo.scripted import Refusal
from tests.house import House

NAME = "switch-event-source"
DISABLE, ENABLE = "disable the old one", "enable the new one"

_numbers = itertools.count(1)


def code() -> bytes:
    """A function's package."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("consume.py", "def handler(event, context): ...")
    return packed.getvalue()


def mappings(house: House, *, old: bool = True, new: bool = False) -> dict[str, str]:
    """Two queues of a test's own with their mappings to one function: ``{"old": uuid, "new": uuid}``."""
    name = f"consume-{next(_numbers)}"
    role = {"RoleName": name, "AssumeRolePolicyDocument": "{}"}
    arn = house.crew.client("iam").create_role(**role)["Role"]["Arn"]
    lambda_ = house.crew.client("lambda")
    lambda_.create_function(
        FunctionName=name, Runtime="python3.13", Role=arn, Handler="consume.handler", Code={"ZipFile": code()}
    )
    made = {}
    for which, enabled in (("old", old), ("new", new)):
        queue = f"{name}-{which}"
        house.crew.client("sqs").create_queue(QueueName=queue)
        source = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"
        mapping = lambda_.create_event_source_mapping(FunctionName=name, EventSourceArn=source, Enabled=enabled)
        made[which] = mapping["UUID"]
    return made


def states(house: House, both: dict[str, str]) -> tuple[str, str]:
    """The states of the old and of the new, in the cloud itself."""
    found = [house.crew.client("lambda").get_event_source_mapping(UUID=both[which]) for which in ("old", "new")]
    return found[0]["State"], found[1]["State"]


def changed(house: House, run: str) -> list[str]:
    """The titles of what the run changed."""
    return [fact["changed"] for fact in house.facts(run) if "changed" in fact]


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = house.start(NAME, **mappings(house))
    assert ended["outcome"] == "succeeded"


def test_the_old_one_is_off_before_the_new_one_is_on(house: House) -> None:
    both = mappings(house)
    run, ended = house.start(NAME, **both)
    assert ended["outcome"] == "succeeded"
    assert states(house, both) == ("Disabled", "Enabled")
    assert changed(house, run) == [DISABLE, ENABLE]
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        "the new one polls without a problem",
        "the old one is off",
    ]
    before = next(fact["value"] for fact in house.facts(run) if fact.get("read") == "find the old one")
    assert (before["state"], before["source"].split("-")[-1]) == ("Enabled", "old")


def test_the_new_one_waits_until_the_old_ones_last_batch_is_done(house: House) -> None:
    """Disabling takes Lambda minutes: as long as it says so, both would read (API reference, GetEventSourceMapping)."""
    both, looks = mappings(house), itertools.count()
    lambda_ = house.crew.client("lambda")

    def slow(asked: Any) -> Any:
        answer = lambda_.get_event_source_mapping(UUID=asked["UUID"])
        busy = asked["UUID"] == both["old"] and house.scripted.changes() and next(looks) < 2
        return {**answer, "State": "Disabling"} if busy else None

    house.scripted.script("lambda", "GetEventSourceMapping", slow)
    run, ended = house.start(NAME, **both, within="1m")
    assert ended["outcome"] == "succeeded"
    assert [fact["tries"] for fact in house.facts(run) if fact.get("waited") == "its last batch is done"] == [3]


def test_a_plan_changes_nothing_and_shows_both_changes_with_their_undos(house: House) -> None:
    both = mappings(house)
    planned = house.plan(NAME, **both)
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert [line["parameters"] for line in planned.changes] == [
        {"UUID": both["old"], "Enabled": False},
        {"UUID": both["new"], "Enabled": True},
    ]
    assert [line["undo"][0]["parameters"]["Enabled"] for line in planned.changes] == [True, False]
    assert house.scripted.changes() == []
    assert states(house, both) == ("Enabled", "Disabled")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (False, False, "the old one is enabled"),
        (True, True, "the new one is disabled"),
        (False, True, "the old one is enabled"),
    ],
    ids=["nothing reads", "both read", "switched already"],
)
def test_mappings_in_other_states_are_left_alone(house: House, old: bool, new: bool, why: str) -> None:
    _, ended = house.start(NAME, **mappings(house, old=old, new=new))
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_one_that_does_not_exist_is_not_applicable(house: House) -> None:
    _, ended = house.start(NAME, old=mappings(house)["old"], new="14e0db71-5d35-4eb5-b481-8945cf9d10c2")
    assert ended["outcome"] == "not_applicable"
    assert house.scripted.changes() == []


def test_the_two_must_be_two(house: House) -> None:
    old = mappings(house)["old"]
    _, ended = house.start(NAME, old=old, new=old)
    assert ended["words"] == "it does not hold that they are two"
    assert house.scripted.changes() == []


def test_an_old_one_that_does_not_stop_is_enabled_again_and_the_new_one_never_reads(house: House) -> None:
    both = mappings(house)
    lambda_ = house.crew.client("lambda")

    def hangs(asked: Any) -> Any:
        answer = lambda_.get_event_source_mapping(UUID=asked["UUID"])
        return (
            {**answer, "State": "Disabling"} if answer["State"] == "Disabled" and asked["UUID"] == both["old"] else None
        )

    house.scripted.script("lambda", "GetEventSourceMapping", hangs)
    run, ended = house.start(NAME, **both, within="1m")
    assert ended["outcome"] == "failed"
    assert "its last batch is done: not within 1 min" in ended["words"]
    assert states(house, both) == ("Enabled", "Disabled")
    assert house.closing(run)["undone"] == [DISABLE]


def test_a_new_one_that_is_refused_gives_way_to_the_old_one(house: House) -> None:
    """Lambda refuses to touch a mapping that is being updated."""
    both = mappings(house)
    house.scripted.answer("lambda", "UpdateEventSourceMapping", None, Refusal("ResourceInUseException"))
    run, ended = house.start(NAME, **both)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "ResourceInUseException"
    assert changed(house, run)[-1] == "turn the old one back: Enabled"
    assert states(house, both) == ("Enabled", "Disabled")


def test_a_new_one_that_does_not_come_up_is_off_before_the_old_one_is_on_again(house: House) -> None:
    both = mappings(house)
    lambda_ = house.crew.client("lambda")

    def hangs(asked: Any) -> Any:
        answer = lambda_.get_event_source_mapping(UUID=asked["UUID"])
        return (
            {**answer, "State": "Enabling"} if answer["State"] == "Enabled" and asked["UUID"] == both["new"] else None
        )

    house.scripted.script("lambda", "GetEventSourceMapping", hangs)
    run, ended = house.start(NAME, **both, within="1m")
    assert ended["outcome"] == "failed"
    assert changed(house, run)[2:] == ["turn the new one back: Disabled", "turn the old one back: Enabled"]
    assert states(house, both) == ("Enabled", "Disabled")
    assert house.closing(run)["undone"] == [ENABLE, DISABLE]


def test_a_new_one_that_polls_with_problems_is_no_proof_and_stays(house: House) -> None:
    """The old one was given up for a reason: a person decides."""
    both = mappings(house)
    lambda_ = house.crew.client("lambda")

    def ill(asked: Any) -> Any:
        answer = lambda_.get_event_source_mapping(UUID=asked["UUID"])
        return (
            {**answer, "LastProcessingResult": "PROBLEM: Function call failed"}
            if asked["UUID"] == both["new"]
            else None
        )

    house.scripted.script("lambda", "GetEventSourceMapping", ill)
    _, ended = house.start(NAME, **both, within="1m")
    assert ended["outcome"] == "ineffective"
    assert "the new one polls without a problem" in ended["words"]
    assert states(house, both) == ("Disabled", "Enabled")


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    both = mappings(house)
    house.scripted.lose_reply("lambda", "UpdateEventSourceMapping")
    run, ended = house.start(NAME, **both)
    assert ended["outcome"] == "succeeded"
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect", "once"]
    assert len(house.scripted.changes()) == 2


def test_no_alarm_finds_it(house: House) -> None:
    """An alarm names a function or a queue; which mapping should take over it cannot say. A binding can."""
    assert house.crew.installation.catalog[NAME].triggers == ()


def test_a_run_holds_the_function_too(house: House) -> None:
    run, _ = house.start(NAME, **mappings(house))
    (held,) = [fact["held"] for fact in house.facts(run) if "held" in fact and "require" not in fact]
    assert held[0].startswith(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:consume-")
