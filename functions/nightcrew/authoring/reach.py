"""Which calls a runbook's code can build, read from its byte code: so that an undeclared permission is found before
it runs.
"""

import dis
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.actions import action_of
from nightcrew.aws.calls import Calls
from nightcrew.aws.models import operations
from nightcrew.errors import BadDeclaration


def reached(runbook: Runbook) -> set[str]:
    """The IAM actions of every call that the function, and what it uses of its own and of ``nightcrew.aws``, can
    build.
    """
    seen: set[int] = set()
    return set(_actions(runbook.function, seen))


def check_permissions(runbook: Runbook) -> None:
    """Raise BadDeclaration where the runbook builds a call that it does not declare."""
    missing = sorted(reached(runbook) - set(runbook.permissions))
    if missing:
        raise BadDeclaration(
            runbook.where, f"{runbook.name}: permissions", runbook.permissions, f"it must hold {', '.join(missing)} too"
        )


def _actions(function: Any, seen: set[int]) -> Iterator[str]:
    if not isinstance(function, FunctionType) or id(function) in seen:
        return
    seen.add(id(function))
    yield from _in_code(function.__code__, function.__globals__, seen)


def _in_code(code: CodeType, names: dict[str, Any], seen: set[int]) -> Iterator[str]:
    for name, attribute in _loaded(code):
        value = names.get(name)
        if isinstance(value, FunctionType) and _ours(value, names):
            yield from _actions(value, seen)
        elif isinstance(value, Calls) and attribute:
            operation = operations(value.service).get(attribute)
            if operation is not None:
                yield action_of(value.service, operation)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _in_code(constant, names, seen)


@cache
def _loaded(code: CodeType) -> tuple[tuple[str, str], ...]:
    """The globals that it loads, each with the first attribute that is loaded after it, if any. Read once: many
    runbooks use what one module holds.
    """
    found: list[tuple[str, str]] = []
    for step in dis.get_instructions(code):
        if step.opname.startswith("LOAD_GLOBAL"):
            found.append((str(step.argval), ""))
        elif found and not found[-1][1] and step.opname in {"LOAD_ATTR", "LOAD_METHOD"}:
            found[-1] = (found[-1][0], str(step.argval))
    return tuple(found)


def _ours(function: FunctionType, names: dict[str, Any]) -> bool:
    module = function.__module__
    return module.startswith("nightcrew.aws") or module.split(".")[0] == str(names.get("__name__", "")).split(".")[0]
