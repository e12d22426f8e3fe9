"""The commands that the API answers: with the options that they have anyway, and what they show and exit with, too."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import click

from nightcrew.cli.asked import Asked

Answers = Callable[[Asked, Mapping[str, Any]], int | None]
"""Takes what was typed, by the command's own parameters; returns the exit code, None where it is 0."""

ANSWERED: Mapping[str, str] = {
    "runbooks": "catalog:runbooks",
    "run": "starting:runbooks",
    "cancel": "deciding:cancel",
    "approvals": "deciding:approvals",
    "approve": "deciding:approve",
    "decline": "deciding:decline",
    "halt": "halting:halt",
    "history": "reading:history",
    "why": "reading:why",
    "show": "reading:show",
    "stats": "reading:stats",
    "recall": "reading:recall",
    "learn": "learning:learn",
    "search": "reading:search",
}
"""Command → module here, and what in it answers."""

NOT_HERE: Mapping[str, str] = {
    "as_": "--as is for the demo: the API knows you by your signature",
    "break_glass": "--break-glass runs on this machine: without --url",
    "resume": "--resume goes with --break-glass",
    "yes": "--yes goes with --break-glass",
    "anew": "--refresh: the index is the API's, which fills it by itself",
    "history": "--alarm-history is read on this machine: with --stack",
}
"""Options that mean nothing there, and why."""


INSTEAD: Mapping[str, str] = {
    "console": "console asks the stack itself: nightcrew --stack NAME console. Pages that are deployed have an address "
    "of their own, among the stack's outputs",
}
"""Commands that no API could answer, and what to do."""


def over_url(name: str, command: click.Command) -> click.Command:
    """The same command, answered by the API. Raises UsageError for one that it has no call for."""
    if name in INSTEAD:
        raise click.UsageError(INSTEAD[name])
    if name not in ANSWERED:
        raise click.UsageError(f"{name} has no call in the API: it works without --url, mostly with --stack")
    module, _, what = ANSWERED[name].partition(":")
    found = getattr(importlib.import_module(f"nightcrew.cli.remote.{module}"), what)
    if isinstance(found, click.Command):
        return found
    answers: Answers = found

    @click.pass_obj
    def callback(asked: Asked, /, **values: Any) -> int | None:
        refuse(values)
        return answers(asked, values)

    return click.Command(name, callback=callback, params=command.params, help=command.help)


def refuse(values: Mapping[str, Any]) -> None:
    """Raises UsageError for what was typed and means nothing here."""
    for name, why in NOT_HERE.items():
        if values.get(name):
            raise click.UsageError(why)
