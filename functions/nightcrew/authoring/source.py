"""A runbook's source, as far as it tells its steps: definitions of functions, titles of steps, names of undos."""

import ast
import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

DYNAMIC = "…"
"""Stands for what only a run knows."""


def definition_of(function: Any) -> ast.FunctionDef | None:
    """Where a function is defined; None where its source is not at hand."""
    try:
        file = inspect.getsourcefile(function)
        return next(_defined(function, _tree(file)), None) if file else None
    except (OSError, SyntaxError, TypeError):
        return None


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse(Path(file).read_text(encoding="utf-8"))


def _defined(function: Any, tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """The definition of a function: of that name, and beginning at that line, its decorators among it."""
    line = function.__code__.co_firstlineno
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if first <= line <= node.lineno:
                yield node


def may_take_steps(function: FunctionType, module: str) -> bool:
    """Whether it may take steps: what lies under ``nightcrew.aws`` knows of no run."""
    package, *rest = function.__module__.split(".")
    return package in {"nightcrew", module.split(".", maxsplit=1)[0]} and [package, *rest[:1]] != ["nightcrew", "aws"]


def is_run(node: ast.expr) -> bool:
    """Whether that is the run, which has the verbs: ``run`` everywhere."""
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name.lstrip("_") == "run"


def named(node: ast.expr) -> str:
    """A function's name, or a call's, as words: ``bring_it_back`` → ``bring it back``."""
    match node:
        case ast.Call(func=ast.Name(id="partial"), args=[function, *_]):
            return named(function)
        case ast.Call(func=function):
            return named(function)
        case ast.IfExp(body=body, orelse=other):
            return named(other if isinstance(body, ast.Constant) else body)
        case ast.Lambda(body=body):
            return named(body)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").replace("_", " ")
        case _:
            return "a step"


def title_of(node: ast.expr, texts: Mapping[str, ast.expr], names: Mapping[str, Any]) -> str:
    """A title as far as the source has it: what only a run knows stands in braces by its name, or as dots."""
    match node:
        case ast.Constant(value=value):
            return str(value)
        case ast.JoinedStr(values=parts):
            return "".join(title_of(part, texts, names) for part in parts)
        case ast.FormattedValue(value=ast.Name(id=name)):
            return str(names[name]) if isinstance(names.get(name), int | str) else f"{{{name}}}"
        case ast.IfExp(body=body, orelse=other):
            return f"{title_of(body, texts, names)}, or {title_of(other, texts, names)}"
        case ast.Name(id=name) if name in texts:
            return title_of(texts[name], {}, names)
        case _:
            return DYNAMIC


def is_true(node: ast.expr | None) -> bool:
    """Whether True stands there."""
    return isinstance(node, ast.Constant) and node.value is True
