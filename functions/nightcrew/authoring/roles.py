"""The remediator roles' statements, from what the catalog declares, as they stand in template.yaml (``make roles``).

They are written into the template, between two comments for each family, and for the planner, so that a change of
what a role may do shows in a review. ``python -m nightcrew.authoring.roles template.yaml`` writes them anew, and the
pattern of the event rule (``event_rule``); into a page, ``docs/security.md``, what the tag cannot hold
(``limits_table``). A test fails where they drifted.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import Any

from nightcrew.authoring import event_rule, limits_table
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import FAMILIES, Runbook
from nightcrew.aws.iam import role_statements
from nightcrew.aws.kinds import is_read
from nightcrew.aws.limit import KEPT_SECRETS, RESTORE_METADATA
from nightcrew.aws.limits import limits_of
from nightcrew.errors import BadInput

_BEGIN = "# {family}: written by `make roles`"
_END = "# {family}: end"
_CARRIED = frozenset({KEPT_SECRETS, RESTORE_METADATA})
_WIDTH = 96
"""Characters of a line of actions, which stands indented."""

PLANNER = "planner"
"""The role in which the API plans: in the stack itself, and in a member account that lets it."""


def actions_of(family: str, runbooks: Iterable[Runbook]) -> tuple[str, ...]:
    """What the runbooks of a family may do together, with what that depends on."""
    return tuple(sorted({action for each in runbooks if family in each.families for action in each.actions}))


def reads_of(runbooks: Iterable[Runbook]) -> tuple[str, ...]:
    """What a plan may do of any of the runbooks: it reads; not what only a call that is sent carries, since a plan
    sends none.
    """
    declared = {action for each in runbooks for action in each.permissions if not _CARRIED & {*limits_of(action)}}
    return tuple(sorted(action for action in declared if is_read(*action.split(":", 1))))


def rewritten(template: str, catalog: Mapping[str, Runbook]) -> str:
    """The template's text with each family's statements as the catalog wants them. Raises BadInput without a place."""
    wanted = {family: actions_of(family, catalog.values()) for family in FAMILIES}
    if _BEGIN.format(family=PLANNER) in template:
        wanted[PLANNER] = reads_of(catalog.values())
    for family, actions in wanted.items():
        begin, end = _BEGIN.format(family=family), _END.format(family=family)
        place = re.compile(rf"^( *){re.escape(begin)}\n(?:.*\n)*?\1{re.escape(end)}$", re.MULTILINE)
        found = place.search(template)
        if found is None:
            raise BadInput("template", family, f"it must have the lines {begin!r} and {end!r}, equally indented")
        indent = found[1]
        lines = [begin, *_lines(role_statements(actions)), end]
        template = template[: found.start()] + "\n".join(indent + each for each in lines) + template[found.end() :]
    return template


def _lines(statements: Iterable[Mapping[str, Any]]) -> list[str]:
    return [line for statement in statements for line in _statement(statement)]


def _statement(statement: Mapping[str, Any]) -> list[str]:
    resource = f"'{statement['Resource']}'"
    lines = [
        f"- Sid: {statement['Sid']}",
        f"  Effect: {statement['Effect']}",
        *_actions(statement["Action"]),
        f"  Resource: {'!Sub ' if '${' in resource else ''}{resource}",
    ]
    if "Condition" in statement:
        lines.append("  Condition:")
    for operator, pairs in statement.get("Condition", {}).items():
        word = repr(operator) if operator == "Null" else operator  # to YAML it is nothing
        lines += [f"    {word}:", *(f"      {key}: {value}" for key, value in pairs.items())]
    return lines


def _actions(actions: Iterable[str]) -> list[str]:
    """All in one line, or a line for each service, as far as it goes: a member's template may have 51,200 bytes, and
    a line for each action would take most of them.
    """
    words = [each if each != "*" else repr(each) for each in actions]
    if len(short := f"  Action: [{', '.join(words)}]") <= _WIDTH:
        return [short]
    lines: list[str] = []
    for _, of_service in groupby(words, lambda action: action.partition(":")[0]):
        lines += wrap(", ".join(of_service) + ",", _WIDTH, break_long_words=False, break_on_hyphens=False)
    return ["  Action: [", *(f"    {line}" for line in lines), "  ]"]


if __name__ == "__main__":
    loaded = Catalog.load()
    if loaded.broken:
        raise SystemExit(f"not written, since a runbook that cannot be loaded would lose its rights: {loaded.broken}")
    for name in sys.argv[1:]:
        path = Path(name)
        old = path.read_text(encoding="utf-8")
        page = path.suffix == ".md"
        text = limits_table.rewritten(old, loaded) if page else event_rule.rewritten(rewritten(old, loaded), loaded)
        path.write_text(text, encoding="utf-8")
