"""How it looks: colour on a terminal only, marks without it, nothing in the text that could steer a terminal."""

import io
import os
import pty
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from nightcrew.cli.group import root
from nightcrew.cli.output import UNBOUNDED, Output
from nightcrew.knowledge.marks import MARKS
from tests.cli.desk import typed

NAME = "restart-ec2-instance"


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, *words: str, **environment: str) -> str:
    """What a command writes to a terminal of its own, 80 columns wide."""
    ours, theirs = pty.openpty()
    told: list[bytes] = []

    def read() -> None:
        # Linux tells by an error that the other end of a terminal is closed.
        with suppress(OSError):
            while part := os.read(ours, 65536):
                told.append(part)

    reader = threading.Thread(target=read)
    reader.start()
    with monkeypatch.context() as patch, os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        patch.delenv("NO_COLOR", raising=False)
        for name, value in {"TERM": "xterm-256color", "COLUMNS": "80", **environment}.items():
            patch.setenv(name, value)
        patch.setattr(sys, "stdout", terminal)
        patch.setattr(sys, "stderr", terminal)
        with pytest.raises(SystemExit) as ended:
            root.main(words)
    reader.join()
    os.close(ours)
    assert ended.value.code == 0, told
    return b"".join(told).decode()


class Terminal(io.StringIO):
    """A terminal that keeps what is written."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal with colours."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Terminal()


def test_a_terminal_gets_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[33mdisruptive" in on_a_terminal(monkeypatch, "runbooks")


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an option and from the environment; what is bold may stay."""
    option = on_a_terminal(monkeypatch, "--no-color", "runbooks")
    for told in (option, on_a_terminal(monkeypatch, "runbooks", NO_COLOR="1")):
        assert "\x1b[33m" not in told
        assert "disruptive" in told


def test_without_a_terminal_there_is_no_escape_and_no_padding() -> None:
    """So it can be searched, and compared."""
    result = typed("runbooks", NAME)
    assert "\x1b" not in result.out
    assert not any(line != line.rstrip() for line in result.out.splitlines())


def test_outcomes_are_told_apart_without_colour() -> None:
    """By their words, and by a sign of one character."""
    assert len({mark.words for mark in MARKS.values()}) == len(MARKS)
    assert all(len(mark.sign) == len(mark.ascii) == 1 for mark in MARKS.values())


def test_where_signs_cannot_be_shown_others_stand_for_them() -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert Output(stdout=file).mark("cured").plain == "+ cured"
    assert Output(stdout=Terminal()).mark("cured").plain == "✓ cured"


def test_what_comes_from_elsewhere_steers_no_terminal(terminal: Terminal) -> None:
    """An alarm's reason, a tag, AWS's words: a control character in them is a blank."""
    Output(stdout=terminal, color=False).print("reason: \x1b[2Jgone\x07\u202egnp\x9b1m")
    told = terminal.getvalue()
    assert told.startswith("reason:  [2Jgone")
    assert not set(told) & set("\x1b\x07\u202e\x9b")


def test_a_reader_that_is_gone_ends_the_output_and_nothing_else() -> None:
    """Neither `print` nor `data` raises, and later words vanish."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as file:
        output = Output(stdout=file)
        output.print("one")
        output.print("two")
        output.data({"three": 3})


def test_with_json_nothing_else_is_on_stdout() -> None:
    file = io.StringIO()
    output = Output(stdout=file, as_json=True)
    output.print("for people")
    output.hint("for people, too")
    output.data({"for": "programs"})
    assert file.getvalue() == '{\n  "for": "programs"\n}\n'


def test_a_width_is_that_of_the_terminal_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert Output(stdout=io.StringIO()).width == UNBOUNDED
    monkeypatch.setenv("COLUMNS", "97")
    assert Output(stdout=io.StringIO()).width == 97


def test_output_into_a_file_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line of it is cut, however long."""
    monkeypatch.delenv("COLUMNS", raising=False)
    file = tmp_path / "out.txt"
    with file.open("w", encoding="utf-8") as out:
        Output(stdout=out).print("word " * 400)
    assert file.read_text(encoding="utf-8") == ("word " * 400).rstrip() + "\n"
