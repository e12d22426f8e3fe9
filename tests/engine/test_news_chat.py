"""News for a chat channel: the custom form, the plan in it, buttons, and what nobody can trust."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import Session

from nightcrew import Run
from nightcrew.admission.approvals import find
from nightcrew.engine import approving
from nightcrew.engine.news import KINDS, AwsNews, piece
from nightcrew.engine.news_chat import MOST_CHANGES, answered, custom
from nightcrew.engine.news_markdown import code, escaped
from tests.dispatch.test_news import EXAMPLE, TOPIC, Desk, remedy
from tests.engine.channel import Notification, buttons
from tests.engine.shift import Shift
from tests.house import House
from tests.queues import Queue, hide_for, settings

DOCUMENT = (Path(__file__).parents[2] / "docs" / "chat.md").read_text(encoding="utf-8")
CHAT = "arn:aws:sns:eu-west-1:123456789012:channels"
STACK = "night"
RUN = "20261121-030004-k3f9qa2m"
PLAN = "0a1b2c3d4e5f" + "0" * 52
NASTY = (
    "*x* _y_ ~z~ `c` <!channel> @here <https://evil.example|ok> [ok](https://evil.example) "
    ":white_check_mark: &lt;!here&gt;"
)


def asked(lines: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    """What a run tells that waits for a person."""
    stop = {"title": "stop it", "call": "ec2:StopInstances", "parameters": {"InstanceIds": ["i-0abc"]}, "undo": "–"}
    what = {
        "run": RUN,
        "runbook": "restart-ec2-instance",
        "at": "2026-11-21T03:00:04.000Z",
        "hash": PLAN,
        "wanted": 1,
        "resource": "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc",
        "deadline": "2026-11-21T03:30:04.000Z",
        "actor": "alarm: web-1",
        "words": "approve the plan; it helped 4 of 5 times",
        "lines": lines or [stop],
        **more,
    }
    return custom(piece("approval wanted", what), what, STACK)


def told(kind: str, **what: Any) -> dict[str, Any]:
    """Any other piece."""
    return custom(piece(kind, what), what, STACK)


def text_of(form: dict[str, Any]) -> str:
    """All that a channel shows."""
    content, metadata = form["content"], form["metadata"]
    shown = [content["title"], content["description"], metadata["summary"]]
    return "\n".join([*shown, *content.get("nextSteps", []), *content.get("keywords", [])])


def to_chat(desk: Desk) -> list[dict[str, Any]]:
    """What went to the channel's topic."""
    return [json.loads(members["Message"]) for name, members in desk.sent if members.get("TopicArn") == CHAT]


# --- the form


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_news_has_the_form(kind: str) -> None:
    """Whatever of it there is: all fields, or the words alone."""
    for what in ({**EXAMPLE, "hash": PLAN, "run": RUN}, {"words": "w", "hash": PLAN, "run": RUN}):
        Notification.model_validate(custom(piece(kind, what), what, STACK))


def test_a_run_tells_the_channel_as_it_tells_the_bus(house: House) -> None:
    """The same pieces; all of one run stand in one thread."""
    shift = Shift.build(house, remedy, level="approve")
    desk = Desk()
    object.__setattr__(shift.crew.installation, "news", AwsNews(desk, chat=CHAT, stack=STACK))
    run = shift.by_hand()
    shift.on(run)
    shift.decide(run)
    shift.through(run)
    forms = [Notification.model_validate(each) for each in to_chat(desk)]
    assert [each.metadata.eventType for each in forms] == ["opened", "approval wanted", "closed"]
    assert {each.metadata.threadId for each in forms} == {run}
    assert len({each.id for each in forms}) == 3
    assert [each.metadata.enableCustomActions for each in forms] == [False, True, False]


def test_a_channel_that_is_out_of_order_keeps_nothing_from_the_topic() -> None:
    desk = Desk(broken=True)
    with pytest.raises(ConnectionError):
        AwsNews(desk, topic=TOPIC, bus="night", chat=CHAT)("opened", {"words": "w"})
    assert [name for name, _ in desk.sent] == ["events.put_events", "sns.publish", "sns.publish"]


def test_the_example_in_the_docs_is_one_that_is_sent() -> None:
    """Word for word."""
    (block,) = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    assert json.loads(block) == asked()


def test_the_commands_in_the_docs_that_configure_a_channel_are_ones_that_aws_knows() -> None:
    """With the options that it requires, and no other."""
    commands = re.findall(r"^ *aws chatbot (\S+) ((?:.*\\\n)*.*)$", DOCUMENT, re.MULTILINE)
    model = Session().get_service_model("chatbot")
    operations = {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}
    assert len(commands) == 3
    for name, options in commands:
        shape = operations[name].input_shape
        given = set(re.findall(r"--([a-z-]+)", options))
        assert {xform_name(each, "-") for each in shape.required_members} <= given
        assert given <= {xform_name(each, "-") for each in shape.members}


# --- a question


def test_a_question_shows_the_plan_who_asked_until_when_and_what_is_known() -> None:
    """Each change with its call and parameters and what takes it back; and its hash, as far as people compare it."""
    undo = {"title": "start it", "call": "ec2:StartInstances", "parameters": {"InstanceIds": ["i-0abc"]}}
    line = {"title": "stop it", "call": "ec2:StopInstances", "parameters": {"InstanceIds": ["i-0abc"], "Force": True}}
    shown = asked([{**line, "undo": undo}, {**line, "title": "again", "undo": "nothing takes it back"}])
    description = shown["content"]["description"]
    assert shown["content"]["title"] == "APPROVE?: restart-ec2-instance on i-0abc"
    assert '1. stop it\n    `ec2:StopInstances InstanceIds=["i-0abc"] Force=true`' in description
    assert 'undo: `ec2:StartInstances InstanceIds=["i-0abc"]`' in description
    assert "undo: nothing takes it back" in description
    for part in ("it helped 4 of 5 times", "deadline: 2026-11-21 03:30 UTC", "plan: `0a1b2c3d4e5f`", "`alarm: web-1`"):
        assert part in description
    assert shown["content"]["nextSteps"][1:] == [
        f"`nightcrew approve {RUN}`",
        f"`nightcrew decline {RUN} --reason TEXT`",
    ]


def test_the_undo_that_is_a_function_is_shown_by_its_steps() -> None:
    lines = [
        {"verb": "wait until", "title": "it stands"},
        {"verb": "change", "title": "start it", "call": "ec2:StartInstances"},
    ]
    shown = asked([{"title": "stop it", "call": "ec2:StopInstances", "undo": lines}])
    assert "undo: wait until it stands; start it" in shown["content"]["description"]


def test_that_two_must_agree_and_what_changed_meanwhile_is_said() -> None:
    description = asked(wanted=2, seen=["new: stop the other"])["content"]["description"]
    assert "people: 2 must approve" in description
    assert "changed since it was shown: new: stop the other" in description


def test_a_long_plan_is_cut_and_says_so() -> None:
    """Of parameters too: names and beginnings stay."""
    big = {
        "title": "t" * 200,
        "call": "ec2:RunInstances",
        "parameters": {f"Name{n}": "v" * 500 for n in range(9)},
        "undo": "u",
    }
    one = asked([big])
    assert "Name0=" + "v" * 79 + "…" in one["content"]["description"]
    assert re.search(r"… and \d more`", one["content"]["description"])
    many = asked([big] * 15)
    Notification.model_validate(many)
    assert re.search(r"… and \d+ lines more: look at it in a terminal$", many["content"]["description"])


def test_what_a_runbook_declares_secret_is_not_shown(house: House) -> None:
    """News goes to more people than the ledger."""

    def renames(run: Run, queue: Queue, password: str = "hunter2") -> str:
        run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
        run.prove("it is set", settings(queue), lambda _: True)
        return password

    shift = Shift.build(house, renames, level="approve", secret=("Attributes",))
    shift.on(shift.by_hand())
    (question,) = [what for kind, what in shift.news if kind == "approval wanted"]
    assert question["lines"][0]["parameters"]["Attributes"] == "redacted"
    assert question["lines"][0]["parameters"]["QueueUrl"].endswith(shift.queue)


# --- buttons


def test_a_question_has_two_buttons_that_name_run_and_plan() -> None:
    """The plan that was shown, and no other: another one by then is refused."""
    shown = buttons(asked(), STACK)
    sends = "sqs send-message --queue-url ${ChatQueue} --message-body"
    assert shown == {
        "Approve": f"{sends} approve/{RUN}/{PLAN[:12]} --region ${{AWS::Region}}",
        "Decline": f"{sends} decline/{RUN}/{PLAN[:12]} --region ${{AWS::Region}}",
    }


def test_nothing_else_has_buttons() -> None:
    assert buttons(told("opened", run=RUN, words="w"), STACK) == {}
    assert buttons(answered(RUN, "approved", STACK, "now"), STACK) == {}


def test_the_buttons_of_another_stack_stay_away() -> None:
    """A channel may hear of two; each has its own queue."""
    assert buttons(asked(), "day") == {}


@pytest.mark.parametrize(
    "lines", [[{"title": "x" * 290, "call": "a:B", "undo": "y" * 290}] * 9, [{"title": "x"}] * MOST_CHANGES]
)
def test_a_plan_that_is_not_shown_whole_has_no_button_to_approve(lines: list[Any]) -> None:
    """Nor one that may be longer than the question says."""
    assert set(buttons(asked(lines), STACK)) == {"Decline"}
    assert MOST_CHANGES == approving.SHOWN


def test_the_plan_is_the_one_that_the_run_asks_about(house: House) -> None:
    shift = Shift.build(house, remedy, level="approve")
    desk = Desk()
    object.__setattr__(shift.crew.installation, "news", AwsNews(desk, chat=CHAT, stack=STACK))
    run = shift.by_hand()
    shift.on(run)
    question = find(shift.crew.store, run)
    assert question is not None
    shown = buttons(to_chat(desk)[-1], STACK)
    assert f"approve/{run}/{question.hash[:12]} " in shown["Approve"]


# --- what nobody can trust


FORMS: list[Callable[[], dict[str, Any]]] = [
    lambda: asked(words=NASTY, actor=f"alarm: {NASTY}", seen=[NASTY]),
    lambda: asked([{"title": NASTY, "call": "a:B", "parameters": {NASTY: NASTY}, "undo": NASTY}]),
    lambda: asked([{"title": "t", "call": NASTY, "undo": [{"verb": "change", "title": NASTY}]}]),
    lambda: told(
        "refused", run=RUN, words=NASTY, alarm=NASTY, runbook=NASTY, gate=NASTY, resource=f"arn:aws:x:::{NASTY}"
    ),
    lambda: told("failed", run=RUN, words=NASTY, not_undone=[{"title": NASTY, "words": NASTY}], reason=NASTY),
    lambda: told("suggested", run=RUN, words=NASTY, runbook="r", symptom=NASTY),
    lambda: told("digest", words=NASTY, text=f"{NASTY}\n- {NASTY}\n1. {NASTY}"),
    lambda: answered(RUN, NASTY, STACK, "now"),
]


@pytest.mark.parametrize("form", FORMS)
def test_an_alarms_name_calls_nobody_and_is_made_into_nothing(form: Callable[[], dict[str, Any]]) -> None:
    """No mention, no link, no bold, no sign; in running text as in code, on Slack as on Teams."""
    made = form()
    Notification.model_validate(made)
    parts = text_of(made).split("`")
    assert len(parts) % 2 == 1, "each code ends"
    assert not re.search(r"[<>*~]|@\w|\]\(|://|&\w|(?<![A-Za-z0-9:]):\w+:", "\n".join(parts[::2]))
    assert not re.search(r"[<>]|@\w|&\w", "\n".join(parts[1::2]))
    assert NASTY not in json.dumps(made["metadata"].get("relatedResources", []))


@pytest.mark.parametrize(
    "name", ["my_table", "arn:aws:iam::123456789012:role/a_b", "i-0abc", "web-1 (prod)", "80 % of 5"]
)
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    """So that it can be copied."""
    assert escaped(name) == name
    assert code(name) == f"`{name}`"


def test_controls_and_signs_that_turn_the_writing_are_taken_out() -> None:
    assert escaped("a\x1b[31m\u202eb\nc\u2066") == "a [31m b c"
    assert code("a\u202eb`c") == "`a b\u02b9c`"
