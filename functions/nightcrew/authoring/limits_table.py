"""What the roles' tags cannot hold, as tables in docs/security.md, from the catalog and the limits (``make roles``).

A page for whoever reviews it must not be older than what it describes: a test fails where it drifted.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.held import HELD, NOT_HELD
from nightcrew.aws.limit import LOOK, VALUE, Limit
from nightcrew.aws.limits import by_limit
from nightcrew.errors import BadInput

BEGIN = "<!-- limits: written by `make roles` -->"
END = "<!-- limits: end -->"

_TAG = "aws:ResourceTag/nightcrew"


def rewritten(text: str, catalog: Mapping[str, Runbook]) -> str:
    """The page with the tables that the catalog wants. Raises BadInput without a place for them."""
    begin, _, rest = text.partition(f"{BEGIN}\n")
    _, found, after = rest.partition(END)
    if not found:
        raise BadInput("page", "limits", f"it must have the lines {BEGIN} and {END}")
    return begin + "\n".join([BEGIN, "", *_tables(catalog.values()), END]) + after


def beyond_tags(runbooks: Iterable[Runbook]) -> dict[Limit, list[str]]:
    """Limits other than the tag, each with the actions that these runbooks need so; reads that describe are open."""
    actions = {action for each in runbooks for action in each.actions}
    return {
        limit: held
        for limit, held in by_limit(actions).items()
        if limit != LOOK and not any(pairs.get(_TAG) == VALUE for pairs in limit.condition.values())
    }


def _tables(runbooks: Iterable[Runbook]) -> Iterator[str]:
    runbooks = list(runbooks)
    yield "| statement | held to | actions | why not to the tag |"
    yield "|---|---|---|---|"
    for limit, actions in beyond_tags(runbooks).items():
        yield f"| {limit.name} | {_held_to(limit)} | {_coded(actions)} | {_escaped(limit.why)} |"
    changing = {action for each in runbooks for action in each.permissions}
    yield ""
    yield "A run's session can hold these to no resource of its own; the role's limits remain:"
    yield ""
    yield "| action | why |"
    yield "|---|---|"
    for action in sorted(changing & NOT_HELD.keys()):
        yield f"| `{action}` | {_escaped(NOT_HELD[action])} |"
    for runbook in sorted(runbooks, key=lambda each: each.name):
        for action in wide(runbook):
            said = "it says that it changes others" if action in runbook.elsewhere else "another parameter names one"
            yield f"| `{action}` in `{runbook.name}` | {said} of the same kind |"
    yield ""


def wide(runbook: Runbook) -> list[str]:
    """What is about the kind of resource that its runs are about, and is not held to theirs."""
    kind = runbook.form.resources[runbook.resource].kind
    own = {action for action in runbook.permissions if HELD.get(action, ("",))[0] == kind != ""}
    return sorted(own - runbook.own("").actions)


def _held_to(limit: Limit) -> str:
    said = [] if limit.resource == "*" else [f"`{re.sub(r'[$][{]AWS::[A-Za-z]+[}]', '…', limit.resource)}`"]
    said += [
        _condition(operator, key, value) for operator, pairs in limit.condition.items() for key, value in pairs.items()
    ]
    return " and ".join(said) or "nothing"


def _condition(operator: str, key: str, value: str | list[str]) -> str:
    if operator == "Null":
        return f"no `{key}`"
    values = [value] if isinstance(value, str) else value
    return f"`{key}` = {' or '.join(f'`{each}`' for each in values)}"


def _coded(actions: Iterable[str]) -> str:
    return ", ".join(f"`{each}`" for each in actions)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
