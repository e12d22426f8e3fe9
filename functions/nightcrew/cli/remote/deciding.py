"""``approvals``, ``approve``, ``decline`` and ``cancel`` over the API: decided there, followed here."""

from collections.abc import Mapping
from typing import Any

import click
from rich.text import Text

from nightcrew.cli import deciding, exits
from nightcrew.cli.asked import Asked
from nightcrew.cli.remote.api import Api
from nightcrew.cli.remote.following import follow, last_of
from nightcrew.cli.remote.signing import segment
from nightcrew.cli.resources import short
from nightcrew.cli.reviewing import recall as remembered
from nightcrew.cli.tables import pairs
from nightcrew.cli.times import whole
from nightcrew.clock import moment
from nightcrew.errors import Unknown


def approvals(asked: Asked, typed: Mapping[str, Any]) -> None:
    """What waits for a person."""
    del typed
    api, output = Api(asked), asked.output
    found = api.get("/approvals")
    if output.json:
        output.data(found)
        return
    if not found:
        output.print("Nothing waits for an approval.")
    for number, each in enumerate(found):
        if number:
            output.print()
        _question(api, each, asked)
        output.hint(f"  {asked.command} approve {each['run']}")


def approve(asked: Asked, typed: Mapping[str, Any]) -> int:
    """Shows what is asked, and on a terminal asks whoever decides."""
    api, output, run = Api(asked), asked.output, str(typed["run"])
    question = next((each for each in api.get("/approvals") if each["run"] == run), None)
    if question is None and typed["plan"] is None:
        raise Unknown(f"run {run} waits for no approval now")
    if question is not None and not output.json:
        _question(api, question, asked)
        if question.get("known"):
            output.print("", Text("What past runs tell", style="bold underline"))
            output.print(*remembered.shown(question["known"], api.clock.now(), output))
        output.print()
    plan = str(typed["plan"] or (question or {}).get("hash", ""))
    if typed["plan"] is None and output.live and not click.confirm(f"Approve the plan {plan[:12]}?"):
        output.print("Nothing was decided: it waits on.")
        output.hint(f"  {asked.command} decline {run} --reason TEXT")
        return exits.WAITING
    return _decided(api, asked, run, "approve", {"plan": plan})


def decline(asked: Asked, typed: Mapping[str, Any]) -> int:
    """The run ends, and nothing is changed."""
    return _decided(Api(asked), asked, str(typed["run"]), "decline", {"reason": typed["reason"]})


def cancel(asked: Asked, typed: Mapping[str, Any]) -> int:
    """It takes back what it did, within a poll."""
    api, output, run = Api(asked), asked.output, str(typed["run"])
    after = last_of(api, run)
    told = api.post(f"/runs/{segment(run)}/cancel", {"reason": typed["reason"]})
    code = exits.WELL
    if told["over"]:
        output.print(Text(f"{run}: {told['words']}"))
        output.hint(f"  {asked.command} show {run}")
    else:
        output.print(Text.assemble(output.mark("cancelled", "asked to stop"), f"  {run}: {told['words']}"))
        done = follow(api, run, asked, after=after)
        done.tell(asked)
        told |= {"outcome": done.outcome, "words": done.words}
        code = exits.WELL if done.outcome == "cancelled" else done.code
    if output.json:
        output.data(told)
    return code


def _decided(api: Api, asked: Asked, run: str, how: str, body: Mapping[str, Any]) -> int:
    output, after = asked.output, last_of(api, run)
    told = api.post(f"/runs/{segment(run)}/{how}", body)
    mark = "waiting" if told["outcome"] == "waiting" else "running"
    output.print(output.mark(mark, str(told["words"])))
    ended, code = {"run": run, "outcome": told["outcome"], "words": told["words"]}, exits.WAITING
    if told["outcome"] != "waiting":
        done = follow(api, run, asked, after=after)
        done.tell(asked)
        ended, code = done.to_dict(), done.code
    if output.json:
        output.data({**ended, "decided": told["decided"]})
    return exits.WELL if how == "decline" and ended["outcome"] == "declined" else code


def _question(api: Api, each: Mapping[str, Any], asked: Asked) -> None:
    output, deadline = asked.output, moment(str(each["deadline"]))
    left = deciding.remaining((deadline - api.clock.now()).total_seconds())
    people = f"{len(each['approvers'])} of {each['wanted']} have approved" if each["wanted"] > 1 else ""
    about = [
        ("run", each["run"]),
        ("asked by", each["requester"]),
        ("deadline", f"{whole(deadline)} ({left})"),
        ("people", people),
        ("plan", str(each["hash"])[:12]),
        ("the past", str(each.get("known", {}).get("words", ""))),
    ]
    output.print(Text.assemble((str(each["runbook"]), "bold"), " on ", (short(str(each["resource"])), "bold")))
    output.print(pairs((label, Text(str(words))) for label, words in about if words))
    output.print(deciding.plan_lines(each["lines"]))
    output.print(*(Text(f"  changed since: {line}", style="yellow") for line in each.get("seen", ())))
