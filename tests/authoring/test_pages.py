"""The catalog as files: written from the runbooks, and never by hand."""

from datetime import date
from pathlib import Path

import pytest

from nightcrew.authoring.catalog import OURS, Catalog
from nightcrew.authoring.page import RISKS, page
from nightcrew.authoring.pages import drifted, files, root_of, write
from nightcrew.authoring.proved import Proved, table
from nightcrew.authoring.runbook import RISKS as ALL_RISKS
from nightcrew.authoring.runbook import Runbook
from nightcrew.errors import BadInput

NAME = "restart-ec2-instance"


@pytest.fixture(scope="module")
def ours() -> Catalog:
    return Catalog.load([OURS])


def test_the_files_are_as_the_runbooks_have_it(ours: Catalog) -> None:
    assert ours.broken == {}
    assert drifted(ours, root_of(OURS)) == [], "write them anew: make catalog"


def test_a_page_has_what_a_person_must_know_at_night(ours: Catalog) -> None:
    """Effect and disruption, inputs, changes with undo and unknown outcome, permissions, what it was proved on."""
    text = page(ours[NAME])
    for words in (
        "Its public IP address changes unless it is an Elastic IP.",
        "| risk | disruptive: people may notice while it lasts |",
        "| by hand | 20 min, its author reckons |",
        "| proved on | scripted cloud, moto; AWS: never |",
        "- AWS/EC2 StatusCheckFailed_Instance, high, by InstanceId as instance_id",
        "| `--within` | a duration like 90s, 10m, 2h or 7d | default 10m |",
        "- no Auto Scaling group owns it",
        "| stop it | bring it back | looked at |",
        "| start it again | part of an undo | looked at |",
        "- *looked at*: a read tells whether it was made; only if not, it is made again",
        "- both status checks pass",
        "- `ec2:StopInstances`",
        f"nightcrew run {NAME} --instance-id i-0abc1234def567890 --plan",
    ):
        assert words in text


def test_every_runbook_has_a_line_and_a_page_that_it_links_to(ours: Catalog) -> None:
    made = files(ours, root_of(OURS))
    index = made[Path("CATALOG.md")]
    for each in ours.values():
        (line,) = [line for line in index.splitlines() if line.startswith(f"| [{each.name}](pages/{each.name}.md) |")]
        assert each.risk in line
        assert f"# {each.name}\n" in made[Path("pages") / f"{each.name}.md"]
    assert set(RISKS) == set(ALL_RISKS)


def test_what_drifted_is_named_and_written_and_what_is_gone_is_taken_away(ours: Catalog, tmp_path: Path) -> None:
    """A page that somebody wrote by hand is left: it is not ours."""
    one: list[Runbook] = [ours[NAME]]
    write(Catalog([*one, ours["restore-dynamodb-table"]]), tmp_path)
    (tmp_path / "pages" / "by-hand.md").write_text("mine\n")
    with (tmp_path / "CATALOG.md").open("a") as index:
        index.write("more\n")
    gone = Path("pages") / "restore-dynamodb-table.md"
    assert drifted(Catalog(one), tmp_path) == [Path("CATALOG.md"), gone]
    assert write(Catalog(one), tmp_path) == [Path("CATALOG.md"), gone]
    assert drifted(Catalog(one), tmp_path) == []
    assert sorted(file.name for file in (tmp_path / "pages").iterdir()) == ["by-hand.md", f"{NAME}.md"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = { scripted = true, moto = true }", "scripted cloud, moto; AWS: never"),
        ("x = { aws = 2026-12-01 }", "no emulator; AWS: 2026-12-01"),
    ],
)
def test_what_a_package_was_proved_on_is_told_in_words(
    text: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(tmp_path, monkeypatch, text)
    assert str((table("proved_somewhere") or {})["x"]) == told


@pytest.mark.parametrize(
    "text", ["x = { moto = 1 }", 'x = { aws = "soon" }', "x = { azure = true }", "x = true", "x ="]
)
def test_a_table_that_says_something_else_is_refused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(tmp_path, monkeypatch, f"x = {text}")
    with pytest.raises(BadInput, match=r"proved\.toml"):
        table("proved_somewhere")


def test_what_nobody_says_is_nothing() -> None:
    assert table("nightcrew") is None
    assert str(Proved()) == "no emulator; AWS: never"
    assert Proved(aws=date(2026, 12, 1)).to_dict() == {"scripted": False, "moto": False, "aws": "2026-12-01"}


def package(place: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A package with this table in it."""
    made = place / "proved_somewhere"
    made.mkdir()
    (made / "__init__.py").touch()
    (made / "proved.toml").write_text(text)
    monkeypatch.syspath_prepend(place)
    monkeypatch.delitem(__import__("sys").modules, "proved_somewhere", raising=False)
