"""``nightcrew new``: a runbook to begin with, and its test."""

import keyword
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import click
from rich.text import Text

from nightcrew.authoring.catalog import ENTRY_POINTS, OURS, Catalog
from nightcrew.authoring.runbook import FAMILIES
from nightcrew.cli import starter
from nightcrew.cli.asked import Asked, json_option
from nightcrew.errors import BadInput
from nightcrew.spelling import one_of

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 60


@dataclass(frozen=True)
class Project:
    """Where runbooks are written: a project's root, the package in it, and whether it is the catalog of Nightcrew
    itself, whose tests stand in its own house.
    """

    root: Path
    package: str
    ours: bool

    @property
    def code(self) -> Path:
        """The package's directory."""
        path = Path(*self.package.split("."))
        return self.root / ("src" / path if (self.root / "src" / path).is_dir() else path)

    @property
    def tests(self) -> Path:
        """The directory of its tests."""
        return self.root / "tests" / "runbooks" if self.ours else self.root / "tests"


@click.command()
@click.argument("name")
@click.option("--family", metavar="FAMILY", required=True, help=f"One of {', '.join(FAMILIES)}.")
@click.option(
    "--directory",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The project to write into; else the one here. A new one is begun where there is none.",
)
@json_option
@click.pass_obj
def command(asked: Asked, name: str, family: str, directory: Path) -> None:
    """Write a runbook named NAME and its test, which passes at once: to be changed into what is wanted.

    Nothing is overwritten.
    """
    function = _function(name)
    if family not in FAMILIES:
        raise BadInput("family", family, one_of(FAMILIES, family))
    project = project_at(directory)
    taken = Catalog.load([OURS]) if not project.ours else {}
    if name in taken:
        raise BadInput("name", name, f"it must be another one: there is a runbook of that name at {taken[name].where}")
    made = texts(project, name, function, family)
    for path in made:
        if path.exists():
            raise BadInput("name", name, f"it must be another one: {path} is there already, and is not overwritten")
    made |= {path: text for path, text in _surroundings(project, family).items() if not path.exists()}
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    written = [str(path) for path in made]
    if asked.output.json:
        asked.output.data({"name": name, "family": family, "package": project.package, "written": written})
    else:
        _say(asked, project, written)


def project_at(directory: Path) -> Project:
    """The project in a directory, which its ``pyproject.toml`` tells; one to be begun where there is none. Raises
    BadInput.
    """
    file = directory / "pyproject.toml"
    if not file.exists():
        named = directory.resolve().name.lower().replace("-", "_")
        fits = named.isidentifier() and not keyword.iskeyword(named) and named not in {OURS, "nightcrew", "tests"}
        return Project(directory, named if fits else "team_runbooks", ours=False)
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadInput("directory", str(directory), f"its pyproject.toml must be TOML: {error}") from None
    points = told.get("project", {}).get("entry-points", {}).get(ENTRY_POINTS, {})
    if not points:
        wanted = f'its pyproject.toml must name a package under [project.entry-points."{ENTRY_POINTS}"]'
        raise BadInput("directory", str(directory), wanted)
    package = str(next(iter(points.values())))
    return Project(directory, package, ours=package == OURS)


def texts(project: Project, name: str, function: str, family: str) -> dict[Path, str]:
    """The runbook and its test: path → text."""
    folder = family.replace("-", "_")
    module = f"{project.package}.{folder}.{function}"
    words = {"name": name, "function": function, "family": family, "module": module}
    test = starter.OUR_TEST if project.ours else starter.TEAM_TEST
    return {
        project.code / folder / f"{function}.py": starter.RUNBOOK.substitute(words),
        project.tests / f"test_{function}.py": test.substitute(words),
    }


def _surroundings(project: Project, family: str) -> dict[Path, str]:
    """What a package needs besides: path → text."""
    dashed = project.package.replace("_", "-").replace(".", "-")
    return {
        project.root / "pyproject.toml": starter.PROJECT.substitute(project=dashed, package=project.package),
        project.code / "__init__.py": '"""Runbooks of our own."""\n',
        project.code / family.replace("-", "_") / "__init__.py": f'"""Runbooks of the family {family}."""\n',
    }


def _function(name: str) -> str:
    function = name.replace("-", "_")
    if not _NAME.fullmatch(name) or keyword.iskeyword(function) or len(name) > _LONGEST:
        allowed = (
            f"it must be words in small letters with dashes between, like restart-ec2-instance, {_LONGEST} at most"
        )
        raise BadInput("name", name, allowed)
    return function


def _say(asked: Asked, project: Project, written: list[str]) -> None:
    output = asked.output
    output.print(Text("written:"), *(Text(f"  {path}") for path in written), "")
    runbook, test = written[:2]
    steps = [f"  pytest {test}", f"  make it do what you want: {runbook}"]
    if project.ours:
        steps.append("  make roles catalog")
    output.hint("Next:", *steps)
