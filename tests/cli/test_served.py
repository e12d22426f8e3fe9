"""The file that says where a served demo is."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from nightcrew.demo import served
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.errors import Unknown

HERE = served.Served("http://127.0.0.1:4566", "/tmp/journal.sqlite", 4711)


def test_what_is_written_is_read(state: Path) -> None:
    """Under the user's state directory, and nobody else's to read."""
    file = served.write(HERE)
    assert file == state / "nightcrew" / "demo.json"
    assert served.read() == HERE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["demo.json"]


def test_its_defaults_are_the_demos_place() -> None:
    assert (HERE.region, HERE.account) == (REGION, ACCOUNT)


def test_without_a_state_home_it_is_in_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A relative path is no state home, by the specification."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for given in ("", "somewhere/else"):
        monkeypatch.setenv("XDG_STATE_HOME", given)
        assert served.where() == tmp_path / ".local" / "state" / "nightcrew" / "demo.json"


def test_none_is_said_with_what_to_do(state: Path) -> None:
    del state
    with pytest.raises(Unknown, match="nightcrew demo --serve"):
        served.read()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"endpoint": "x"}', '{"endpoint": "x", "pid": 1, "more": 2}'])
def test_one_that_cannot_be_read_is_said_to_be_removed(state: Path, text: str) -> None:
    served.write(HERE)
    (state / "nightcrew" / "demo.json").write_text(text, encoding="utf-8")
    with pytest.raises(Unknown, match="remove it"):
        served.read()


def test_only_its_own_process_removes_it(state: Path) -> None:
    """A demo that ends later than the next one began leaves that one's file."""
    del state
    served.write(HERE)
    served.remove(HERE.pid + 1)
    assert served.read() == HERE
    served.remove(HERE.pid)
    served.remove(HERE.pid)
    with pytest.raises(Unknown):
        served.read()


def test_its_clock_only_goes_on(state: Path) -> None:
    del state
    served.write(HERE)
    served.moved(300.0)
    served.moved(120.0)
    assert served.read() == replace(HERE, ahead=300.0)
