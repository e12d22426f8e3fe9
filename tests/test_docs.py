"""What the documents show: each snippet runs, each command can be typed, each link leads somewhere."""

import ast
import importlib
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest

from nightcrew.cli.asked import Asked
from nightcrew.cli.group import root
from nightcrew.cli.output import Output
from tests.cli.desk import typed
from tests.sabotage.__main__ import main as sabotage

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("docs", "events", "runbooks", "functions", "tests", "bench")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.md"))])

FENCE = re.compile(r"^( *)```([a-z]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
EXCERPT = re.compile(r"^( *|.* = )run\.", re.MULTILINE)
SHELL = {"console", "sh", "bash"}
CHECKED = SHELL | {"python", "json", "text", ""}
"""A block in another language needs a test here first."""

BESIDE = {"tests/kill/README.md": "tests.kill.scenario"}
"""Where a document's Python leaves its imports out: the module that the names are from."""

PLACEHOLDERS = {
    "NAME": "restart-ec2-instance",
    "RUN": "20261121-030004-k3f9qa",
    "FILE": "events/ec2-status-check.json",
    "EVENT_FILE": "events/ec2-status-check.json",
}
"""What words in capitals stand for, where a command is mentioned."""


@dataclass(frozen=True)
class Piece:
    """A block of a document, or a command in it: where it stands, and its text."""

    document: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document.relative_to(ROOT)}:{self.line}"


@cache
def read(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def at(document: Path, place: int) -> int:
    """The line of a place in a document."""
    return read(document).count("\n", 0, place) + 1


def blocks() -> Iterator[Piece]:
    for document in DOCUMENTS:
        for found in FENCE.finditer(read(document)):
            text = re.sub(f"^{found[1]}", "", found[3], flags=re.MULTILINE)
            yield Piece(document, at(document, found.start()), found[2], text)


def shown() -> Iterator[Piece]:
    """The commands that stand in blocks."""
    for block in blocks():
        for number, line in enumerate(block.text.replace("\\\n", " ").splitlines(), block.line + 1):
            if is_command(line, block.language):
                yield Piece(block.document, number, "sh", line.removeprefix("$ ").strip())


def is_command(line: str, language: str) -> bool:
    """Whether a line of a block is one. What a block of no language holds beside ours is something else."""
    if language == "console":
        return line.startswith("$ ")
    if language in SHELL:
        return bool(line.strip()) and not line.startswith("#")
    return language == "" and line.startswith(("nightcrew ", "make "))


def spans() -> Iterator[Piece]:
    """What stands between backticks in running text."""
    for document in DOCUMENTS:
        prose = FENCE.sub(lambda block: "\n" * block[0].count("\n"), read(document))
        for found in re.finditer(r"`([^`]+)`", prose):
            yield Piece(document, prose.count("\n", 0, found.start()) + 1, "", " ".join(found[1].split()))


def mentioned() -> Iterator[Piece]:
    return (span for span in spans() if span.text.startswith(("nightcrew ", "make ")))


def words(command: str) -> list[str]:
    return [PLACEHOLDERS.get(word, word) for word in shlex.split(command, comments=True) if word not in {"…", "..."}]


def parsed(arguments: list[str]) -> None:
    """Take a command line of nightcrew as far as its options are known. Raises where it could not be typed."""
    context = root.make_context("nightcrew", arguments, obj=Asked(output=Output()))
    command: click.Command = root
    while isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        if not rest:
            return
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        command, context = found, found.make_context(name, rest, parent=context)


def can_be_typed(line: list[str]) -> None:
    match line:
        case ["nightcrew", *arguments]:
            with suppress(click.exceptions.Exit):  # --help and --version end there
                parsed(arguments)
        case ["make", *arguments]:
            targets = [word for word in arguments if "=" not in word]
            can_be_made(*targets)
            for passed in (word.removeprefix("ARGS=") for word in arguments if word.startswith("ARGS=")):
                if targets == ["demo"]:
                    parsed(["demo", *shlex.split(passed)])
                if targets == ["sabotage"]:
                    assert sabotage([*shlex.split(passed), "--list"]) == 0
        case _:
            raise AssertionError(f"nobody checks this command: {shlex.join(line)}")


@cache
def can_be_made(*targets: str) -> None:
    """Raises where the Makefile does not know one of them."""
    subprocess.run(["make", "--dry-run", "--directory", ROOT, *targets], check=True, capture_output=True)


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader types there."""
    monkeypatch.chdir(ROOT)


def test_every_document_is_read() -> None:
    """Those that a first reader meets are among them."""
    names = {str(document.relative_to(ROOT)) for document in DOCUMENTS}
    assert names >= {"README.md", "CONTRIBUTING.md", "runbooks/README.md", "events/README.md", "tests/README.md"}


def test_every_block_is_of_a_kind_that_is_checked() -> None:
    assert [f"{block}: {block.language}" for block in blocks() if block.language not in CHECKED] == []


@pytest.mark.parametrize("block", [block for block in blocks() if block.language == "python"], ids=str)
def test_a_python_block_runs(block: Piece, request: pytest.FixtureRequest) -> None:
    """With the tests in it, which get the fixtures that they ask for. Three dots stand for further arguments."""
    beside = BESIDE.get(str(block.document.relative_to(ROOT)))
    known = vars(importlib.import_module(beside)) if beside else {}
    code = "\n" * block.line + re.sub(r", \.\.\.(?=[,)])", "", block.text)
    space: dict[str, Any] = {**known, "__name__": "snippet"}
    exec(compile(code, block.document, "exec"), space)  # noqa: S102  that is what it is for
    for name, value in list(space.items()):
        if name.startswith("test_") and name not in known:
            asked = value.__code__.co_varnames[: value.__code__.co_argcount]
            if "house" in asked:
                request.getfixturevalue("scripted").reset()
            value(**{each: request.getfixturevalue(each) for each in asked})


@pytest.mark.parametrize("block", [block for block in blocks() if block.language == "json"], ids=str)
def test_a_json_block_can_be_read(block: Piece) -> None:
    assert json.loads(block.text)


@pytest.mark.parametrize("command", list(shown()), ids=lambda command: f"{command} {command.text}")
def test_a_command_that_is_shown_works(command: Piece) -> None:
    """What needs neither an account nor a demo that is up is really run; the rest is only seen to be well typed."""
    line = words(command.text)
    can_be_typed(line)
    if line[0] == "nightcrew" and (line[1] in {"runbooks", "match", "completion"} or line[-1] in {"--help", "--list"}):
        seen = typed(*line[1:])
        assert seen.code == 0, seen.err
        assert seen.out


@pytest.mark.parametrize("command", sorted({command.text for command in mentioned()}))
def test_a_command_that_is_mentioned_can_be_typed(command: str) -> None:
    can_be_typed(words(command))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_its_links_lead_somewhere(document: Path) -> None:
    """To a file, and to a heading in it; what is on the web is not asked for."""
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", read(document))):
        if target.startswith(("https://", "http://")):
            continue
        path, _, heading = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or not file.is_relative_to(ROOT) or (heading and heading not in headings(file)):
            dead.append(target)
    assert dead == []


def headings(document: Path) -> set[str]:
    """The anchors that GitHub gives a document's headings."""
    lines = re.findall(r"^#+ (.+)$", FENCE.sub("", read(document)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


def test_a_path_that_is_mentioned_is_there() -> None:
    """From the root, or from where the document stands."""
    paths = [span for span in spans() if re.fullmatch(rf"({'|'.join(FOLDERS)}|requirements)/[\w./-]*", span.text)]
    missing = [each for each in paths if not any((base / each.text).exists() for base in (ROOT, each.document.parent))]
    assert [f"{each}: {each.text}" for each in missing] == []


def steps(code: str) -> list[tuple[str, str]]:
    """The verbs of ``run`` in a runbook's code with their titles, in order."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    return [
        (call.func.attr, ast.unparse(call.args[0]))
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "run" and call.args
    ]


@pytest.mark.parametrize(
    "block", [block for block in blocks() if block.language != "python" and EXCERPT.search(block.text)], ids=str
)
def test_an_excerpt_is_true_to_its_runbook(block: Piece) -> None:
    """The runbook is the one that is linked before it; what is shown stands there, in this order."""
    links = re.findall(r"\]\((\S+\.py)\)", "\n".join(read(block.document).splitlines()[: block.line]))
    whole = iter(steps((block.document.parent / links[-1]).read_text(encoding="utf-8")))
    excerpt = steps(block.text)
    assert excerpt
    assert [step for step in excerpt if step not in whole] == []


def test_the_night_in_the_readme_is_the_demos() -> None:
    """Scene by scene; what each prints is tested with the demo."""
    (night,) = [block for block in blocks() if block.language == "text" and "ALARM" in block.text]
    scenes = re.findall(r"^(\d+)  (.+)$", night.text, re.MULTILINE)
    played = typed("demo", "--list").out
    assert scenes
    assert [scene for scene in scenes if not re.search(rf"{scene[0]}\b.*{re.escape(scene[1])}", played)] == []
