"""What people see of a run, and what programs get."""

import io
import json
from typing import Any

import pytest

from nightcrew.cli.lines import line_of, lines
from nightcrew.cli.live import Live, reason, watcher
from nightcrew.cli.night import NightView
from nightcrew.cli.output import Output

AT = "2026-11-21T03:00:04.000Z"
RUN = {
    "at": AT,
    "run": "20261121-030004-k3f9qa2m",
    "runbook": "restart-ec2-instance",
    "resource": "arn:aws:ec2:::instance/i-0abc",
}

Story = list[tuple[str, dict[str, Any]]]

STORY: Story = [
    ("signal", {"at": AT, "alarm": "checkout-web-1", "state": "ALARM", "reason": "Threshold Crossed: it was"}),
    ("admitted", {**RUN, "why": "a trigger", "autonomy": ["auto", "rules[0]"], "by": "alarm"}),
    (
        "fact",
        {**RUN, "read": "find the instance", "value": {"state": "running", "launched": "2026-11-21T02:00:00.000Z"}},
    ),
    ("require", {**RUN, "require": "it is running", "held": True}),
    ("require", {**RUN, "require": "its root disk is EBS, and no disk of it is an instance store", "held": True}),
    ("change", {**RUN, "title": "stop it", "call": "ec2:StopInstances", "parameters": {"InstanceIds": ["i-0abc"]}}),
    ("fact", {**RUN, "changed": "stop it", "how": "looked: it had taken effect", "tries": 1}),
    ("wait", {**RUN, "title": "it has stopped", "within": 600}),
    (
        "fact",
        {**RUN, "waited": "it has stopped", "met": True, "tries": 7, "since": "2026-11-21T02:59:20.000Z", "faults": 2},
    ),
    ("fact", {**RUN, "proved": "both status checks pass", "met": True, "tries": 1, "value": {"system": "ok"}}),
    ("fact", {**RUN, "later": "put it back", "runbook": "put-it-back", "due": "2026-11-22T03:00:04.000Z"}),
    ("wait", {**RUN, "title": "the alarm's OK", "within": 300, "pause": True}),
    ("closed", {**RUN, "outcome": "cured", "words": "it came back", "started": "2026-11-21T02:52:12.000Z"}),
    ("refused", {**RUN, "gate": "cool-down", "words": "it was changed", "until": "2026-11-21T03:15:00.000Z"}),
    ("left", {"at": AT, "words": "no runbook answers it"}),
]


def shown(view: type[Live], story: Story) -> list[str]:
    """The lines that a view writes where there is no terminal."""
    out = io.StringIO()
    with view(Output(stdout=out)) as live:
        for kind, what in story:
            live(kind, what)
    return out.getvalue().splitlines()


def test_each_thing_has_its_time_and_its_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps stand indented under their run; what came of an unknown outcome is told, too."""
    monkeypatch.delenv("COLUMNS", raising=False)
    text = [" ".join(line.split()) for line in shown(Live, STORY)]
    assert text[0] == "03:00:04 ! ALARM checkout-web-1"
    assert "03:00:04 read find the instance state=running, launched=02:00:00" in text
    assert "03:00:04 change stop it" in text
    assert "ec2:StopInstances InstanceIds=[i-0abc]" in text
    assert "03:00:04 made stop it: how: looked: it had taken effect" in text
    assert "03:00:04 ✓ proved both status checks pass system=ok" in text
    assert "03:00:04 later put it back" in text
    assert "due 2026-11-22 03:00: put-it-back" in text
    assert "03:00:04 wait the alarm's OK" in text
    assert "03:00:04 ✓ cured in 7 min 52 s: it came back" in text
    assert "03:00:04 ⊘ refused by the gate cool-down: it was changed" in text
    assert "until 03:15:00" in text


def test_requirements_that_hold_together_take_one_line() -> None:
    """With the next thing that happens, or at the end."""
    held = [line for line in shown(Live, STORY) if "required" in line]
    assert len(held) == 1
    assert "it is running; its root disk" in held[0]
    assert any("it is running" in line for line in shown(Live, STORY[3:4]))


@pytest.mark.parametrize("width", [80, 120])
def test_lines_fit_the_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """And what is too long goes on below, not in the column of the times."""
    monkeypatch.setenv("COLUMNS", str(width))
    written = shown(Live, STORY)
    assert max(map(len, written)) <= width
    assert all(line[:3] == "   " or line[2] == ":" for line in written)


def test_a_wait_moves_on_a_terminal_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended by what comes next, and by leaving the view."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = io.StringIO()
    with Live(Output(stdout=out)) as live:
        live(*STORY[7])
        assert live._status is not None
    assert live._status is None
    assert "waiting until it has stopped, 10 min at most" in out.getvalue()


def test_what_a_view_does_not_know_it_leaves_out() -> None:
    """Tellers may say more than a view shows."""
    assert shown(Live, [("something new", {"at": AT})]) == []


def test_the_demo_s_view_knows_the_stage() -> None:
    """Chapters, alarms that turn OK, and what becomes of a killed runner."""
    told: Story = [
        ("chapter", {"at": AT, "number": 1, "title": "An instance stops answering"}),
        ("alarm", {"at": AT, "alarm": "checkout-web-1", "state": "OK", "words": "it was not greater"}),
        ("killed", {"at": AT, "run": "r", "words": "in the middle"}),
        ("verified", {"at": AT, "run": "r", "entries": 7, "consistent": True, "received": {"ec2:StopInstances": 1}}),
    ]
    text = "\n".join(shown(NightView, told))
    assert "1  An instance stops answering" in text
    assert "checkout-web-1" in text
    assert "(SIGKILL): in the middle" in text
    assert "7 entries is consistent; the cloud received ec2:StopInstances 1×" in text


def test_reasons_are_told_without_the_times_of_their_datapoints() -> None:
    """CloudWatch's own are long."""
    long = "Threshold Crossed: 1 datapoint [13.0 (20/11/26 03:12:00)] was less than the threshold (14.0)."
    assert reason(long) == "1 datapoint [13.0] was less than the threshold (14.0)."


def test_programs_get_one_line_for_each_thing() -> None:
    """Steps are told alike, whatever they are."""
    out = io.StringIO()
    watch = lines(Output(stdout=out, as_json=True))
    for kind, what in STORY:
        watch(kind, what)
    written = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["kind"] for line in written].count("step") == 10
    assert len(written) == len(STORY)
    assert line_of(*STORY[2])["step"] == "read"
    assert line_of(*STORY[2])["title"] == "find the instance"
    assert (line_of(*STORY[5])["step"], line_of(*STORY[5])["title"]) == ("change", "stop it")
    assert (line_of(*STORY[10])["step"], line_of(*STORY[10])["title"]) == ("later", "put it back")


def test_run_shows_what_the_demo_shows() -> None:
    """``nightcrew run`` watches with the same view."""
    assert isinstance(watcher(Output()), Live)
