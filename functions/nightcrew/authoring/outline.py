"""What a runbook does, read from its source: on what condition, what it changes, how each change is taken back, what is
done where its outcome is unknown, and what proves it.

A plan tells the same with exact parameters, but needs a resource to plan on; a runbook's page has to tell it without.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from nightcrew.authoring.runbook import Runbook
from nightcrew.authoring.source import DYNAMIC, definition_of, is_run, is_true, may_take_steps, named, title_of

LOOKED_AT = "looked at"
STOPPED = "stops for a person"
REPEATED = "repeated"

NONE = "none"
IRREVERSIBLE = "irreversible"


@dataclass(frozen=True)
class Handling:
    """One change as the source has it: how it is undone, what follows where its outcome is ``unknown``.

    ``undoing``: it is itself a part of an undo. ``forced``: it is only tried where waiting was in vain.
    """

    title: str
    undo: str
    unknown: str
    undoing: bool = False
    forced: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass
class Outline:
    """A runbook's steps by their titles, in the order of its source.

    ``later`` holds pairs of a follow-up's title and its runbook; ``parts`` the runbooks that it runs as a part of
    itself, by name.
    """

    requires: list[str] = field(default_factory=list)
    changes: list[Handling] = field(default_factory=list)
    proofs: list[str] = field(default_factory=list)
    approvals: list[str] = field(default_factory=list)
    later: list[tuple[str, str]] = field(default_factory=list)
    parts: dict[str, "Outline"] = field(default_factory=dict)

    @property
    def undone(self) -> str:
        """Whether what it changes, in its parts too, can be taken back: "yes", "in part" or "no"."""
        ways = {each.undo not in {NONE, IRREVERSIBLE} for each in self.changes if not (each.undoing or each.forced)}
        ways |= {way for part in self.parts.values() for way in _WAYS[part.undone]}
        return next(words for words, found in _WAYS.items() if found == (ways or {False}))


_WAYS = {"yes": {True}, "in part": {True, False}, "no": {False}}
"""What is said of changes of which some, or all, can be taken back, or cannot."""


def outline(runbook: Runbook) -> Outline:
    """The steps of its function, and of those that it uses, of its own package and of Nightcrew's; changes that undo
    others come last. Empty where the source is not at hand.
    """
    return replace(_steps(runbook.function), parts={part.name: outline(part) for part in runbook.parts})


@cache
def _steps(function: Callable[..., Any]) -> Outline:
    """Read once in a process: a list of all runbooks asks for each, and source does not change under its function."""
    reader = _Reader(function.__name__)
    reader.read(function)
    return reader.outline()


class _Reader(ast.NodeVisitor):
    """Follows a function through those that it uses, and collects the calls of a run's verbs."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._out = Outline()
        self._found: list[tuple[str, Handling]] = []
        self._uses: dict[str, set[str]] = {}
        self._seen: set[int] = set()
        self._scope = ""
        self._texts: dict[str, ast.expr] = {}
        self._names: Mapping[str, Any] = {}

    def outline(self) -> Outline:
        forward, wanted = set[str](), [self._root]
        while wanted:
            scope = wanted.pop()
            if scope not in forward:
                forward.add(scope)
                wanted += self._uses.get(scope, ())
        told = [replace(each, undoing=scope not in forward) for scope, each in self._found]
        self._out.changes = sorted(dict.fromkeys(told), key=lambda each: each.undoing)
        return self._out

    def read(self, function: Any) -> None:
        """Visit a function's source, where it is at hand; once."""
        if id(function) in self._seen:
            return
        self._seen.add(id(function))
        node = definition_of(function)
        if node is not None:
            kept = self._scope, self._names, self._texts
            self._names, self._texts = function.__globals__, {}
            self.visit(node)
            self._scope, self._names, self._texts = kept

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self._scope = self._scope, node.name
        for each in node.body:
            self.visit(each)
        self._scope = outer

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._texts[target.id] = node.value
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self._use(node.id, self._names.get(node.id))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Name):
            module = self._names.get(node.value.id)
            if isinstance(module, ModuleType):
                self._use(node.attr, getattr(module, node.attr, None))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        said = {word.arg: word.value for word in node.keywords if word.arg}
        verb = node.func.attr if isinstance(node.func, ast.Attribute) and is_run(node.func.value) else ""
        title = self._title(node.args[0]) if node.args else DYNAMIC
        match verb:
            case "require" if title != DYNAMIC:
                self._out.requires.append(title)
            case "prove" if title != DYNAMIC:
                self._out.proofs.append(title)
            case "approve":
                self._out.approvals.append(title)
            case "later" if len(node.args) > 1:
                self._out.later.append((title, self._runbook(node.args[1])))
            case "change":
                self._found.append((self._scope, _handling(title, said)))
            case "wait_until" if isinstance(said.get("or_else"), ast.Tuple):
                forced = self._title(said["or_else"].elts[0])  # type: ignore[attr-defined]  # a tuple, as the line above says
                words = f"{forced}, where waiting was in vain"
                self._found.append((self._scope, Handling(words, NONE, REPEATED, forced=True)))
        undo = said.get("undo") if verb == "change" else None
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.keyword) and child.value is undo:
                # What an undo does is no step on the way: it is followed, and not used.
                outer, self._scope = self._scope, f"{self._scope}'s undo"
                self.visit(child)
                self._scope = outer
            else:
                self.visit(child)

    def _use(self, name: str, value: Any) -> None:
        uses = self._uses.setdefault(self._scope, set())
        uses.add(name)
        if isinstance(value, FunctionType) and may_take_steps(value, str(self._names.get("__name__", ""))):
            uses.add(value.__name__)
            self.read(value)

    def _runbook(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name) and isinstance(self._names.get(node.id), Runbook):
            return str(self._names[node.id].name)
        return self._title(node)

    def _title(self, node: ast.expr) -> str:
        return title_of(node, self._texts, self._names)


def _handling(title: str, said: Mapping[str, ast.expr]) -> Handling:
    undo, words = said.get("undo"), NONE
    if is_true(said.get("irreversible")):
        words = IRREVERSIBLE
    elif undo is not None:
        words = named(undo)
    unknown = LOOKED_AT if "took_effect" in said else STOPPED if is_true(said.get("once")) else REPEATED
    return Handling(title, words, unknown)
