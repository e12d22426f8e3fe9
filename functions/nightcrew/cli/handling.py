"""What a runbook changes, read from its source: how each change is taken back, and what is done where its outcome is
unknown.

A plan tells the same with exact parameters, but needs a resource to plan on; a runbook's page has to tell it without.
"""

import ast
import inspect
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nightcrew.authoring.runbook import Runbook

LOOKED_AT = "looked at"
STOPPED = "stops for a person"
REPEATED = "repeated"


@dataclass(frozen=True)
class Handling:
    """One change as the source has it: how it is undone, what follows where its outcome is ``unknown``.

    ``undoing``: it is itself a part of an undo.
    """

    title: str
    undo: str
    unknown: str
    undoing: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def changes(runbook: Runbook) -> list[Handling]:
    """Every change in the runbook's function, and in those of its module that it uses; those of undos come last.

    Empty where the source is not at hand.
    """
    try:
        file = inspect.getsourcefile(runbook.function)
        module = ast.parse(Path(file).read_text(encoding="utf-8")) if file else ast.Module([], [])
    except (OSError, SyntaxError, TypeError):
        return []
    reader = _Reader()
    for function in _used(runbook.function.__name__, module):
        reader.visit(function)
    return reader.changes()


def _used(name: str, module: ast.Module) -> list[ast.FunctionDef]:
    """The function of that name, and those of the module that it reaches."""
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    wanted, reached = [name], dict[str, ast.FunctionDef]()
    while wanted:
        next_ = wanted.pop()
        if next_ in functions and next_ not in reached:
            reached[next_] = functions[next_]
            wanted += [node.id for node in ast.walk(functions[next_]) if isinstance(node, ast.Name)]
    return sorted(reached.values(), key=lambda function: (function.name != name, function.lineno))


class _Reader(ast.NodeVisitor):
    """Collects the calls of ``change``, each with the function that it stands in, and the functions that undo
    something.
    """

    def __init__(self) -> None:
        self._found: list[tuple[str, Handling]] = []
        self._undos: set[str] = set()
        self._function = ""

    def changes(self) -> list[Handling]:
        told = [replace(each, undoing=function in self._undos) for function, each in self._found]
        return sorted(told, key=lambda each: each.undoing)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self._function = self._function, node.name
        self.generic_visit(node)
        self._function = outer

    def visit_Call(self, node: ast.Call) -> None:
        verb = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        said = {word.arg: word.value for word in node.keywords if word.arg}
        if verb == "change" and len(node.args) > 1:
            self._change(node.args[0], said)
        elif verb == "wait_until" and isinstance(said.get("or_else"), ast.Tuple):
            title, _ = said["or_else"].elts  # type: ignore[attr-defined]  # a tuple, as the line above says
            self._found.append(
                (self._function, Handling(f"{_title(title)}, where waiting was in vain", "none", REPEATED))
            )
        self.generic_visit(node)

    def _change(self, title: ast.expr, said: dict[str, ast.expr]) -> None:
        undo, words = said.get("undo"), "none"
        if undo is not None:
            self._undos |= {name.id for name in ast.walk(undo) if isinstance(name, ast.Name)}
            words = _named(undo)
        elif _true(said.get("irreversible")):
            words = "irreversible"
        unknown = LOOKED_AT if "took_effect" in said else STOPPED if _true(said.get("once")) else REPEATED
        self._found.append((self._function, Handling(_title(title), words, unknown)))


def _named(node: ast.expr) -> str:
    """A function's name, or a call's, as words: ``bring_it_back`` → ``bring it back``."""
    if isinstance(node, ast.Call):
        return _named(node.func)
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else "a step"
    return name.replace("_", " ")


def _title(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "…"


def _true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
