"""``nightcrew run … --break-glass``: what a person is told before, the run here, and what is left to do after."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.plan import Plan
from nightcrew.authoring.runbook import Runbook
from nightcrew.cli import exits, planned
from nightcrew.cli.account import Account
from nightcrew.cli.asked import Asked
from nightcrew.cli.caller import Caller, caller
from nightcrew.cli.carrying import Carried, carry, watched
from nightcrew.cli.exits import NotHere
from nightcrew.cli.glass import BUS, TOPIC, Glass, directory_of, kept, person, probing, team_news
from nightcrew.cli.place import Planning, policy_of
from nightcrew.cli.resources import short
from nightcrew.cli.resuming import Resuming
from nightcrew.cli.tables import pairs
from nightcrew.clock import SystemClock
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.break_glass import Reason, not_asked, refuse_what_needs_others, start
from nightcrew.dispatch.out_of_reach import trouble
from nightcrew.dispatch.telling import TeamNews
from nightcrew.engine.local import Journal
from nightcrew.errors import BadInput, Unknown
from nightcrew.ledger.history import opening


@dataclass(frozen=True)
class Wish:
    """What was typed beside the runbook's own parameters."""

    reason: str
    yes: bool
    resume: bool
    account: str | None


def break_glass(asked: Asked, runbook: Runbook, catalog: Catalog, given: Mapping[str, Any], wish: Wish) -> int:
    """Run it here. Returns the exit code; raises Refused, NotHere, BadInput, Unreachable before anything is done."""
    if asked.demo:
        raise NotHere(
            "the demo's ledger is on this machine: there is no glass to break", "run it without --break-glass"
        )
    parameters = runbook.form.validate(given)
    runbook = runbook.called(parameters)
    if wish.resume:
        return _resume(asked, runbook, catalog, runbook.form.dump(parameters))
    if not wish.reason.strip():
        raise BadInput("--reason", wish.reason, "under break-glass it must say why: people will read it")
    refuse_what_needs_others(runbook)
    account = Account(asked.region, asked.profile)
    why = trouble(probing(account))
    clock = SystemClock()
    who = caller(asked, account, wish.account, person(), clock)
    made = Planning(who.who, cache(account), clock).plan(runbook, parameters)
    if not asked.output.json:
        planned.show(made, asked.output)
    if made.outcome != "planned":
        if asked.output.json:
            asked.output.data(made.to_dict())
        return exits.of_outcome(made.outcome)
    refuse_what_needs_others(runbook, made)
    news = team_news(asked)
    _warn(asked, runbook, catalog, made, who, why, news)
    if not _confirmed(asked, made, wish):
        asked.output.print("Nothing was started.")
        return exits.DECLINED
    reason = Reason(wish.reason.strip(), who.who.actor, who.verified, why, made.hash, who.clock_off)
    return _carried(asked, runbook, catalog, given, who, reason, news)


def _carried(
    asked: Asked,
    runbook: Runbook,
    catalog: Catalog,
    given: Mapping[str, Any],
    who: Caller,
    reason: Reason,
    news: TeamNews,
) -> int:
    glass = Glass(directory_of(asked), asked.profile)
    glass.news = news
    with watched(glass, asked, catalog) as crew:
        answer = start(crew.dispatcher, runbook, given, reason, account=who.who.account, region=who.who.region)
        if answer.kind != "admitted" or answer.run is None:
            return _refused(asked, answer, glass)
        _told(asked, runbook, answer, reason, news)
        done = carry(crew, answer.run, asked, glass)
    return _ended(asked, done, answer, glass, news)


def _resume(asked: Asked, runbook: Runbook, catalog: Catalog, parameters: Mapping[str, Any]) -> int:
    """Go on with what this very command began."""
    glass = kept(asked)
    if glass is not None:
        with watched(glass, asked, catalog) as crew, closing(Journal(glass.journal, glass.clock)) as journal:
            resuming = Resuming(crew, journal, glass, asked)
            for run in resuming.left():
                first = opening(glass.store, run)
                body = first.body if first is not None else {}
                if (body.get("runbook"), body.get("parameters")) == (runbook.name, dict(parameters)):
                    return _ended(asked, resuming.resume(run), None, glass, None)
    raise Unknown(f"{directory_of(asked)} has no run of {runbook.name} with these parameters that has not ended")


def _warn(asked: Asked, runbook: Runbook, catalog: Catalog, made: Plan, who: Caller, why: str, news: TeamNews) -> None:
    """What is different from an ordinary run, before anything is done."""
    policy = policy_of(asked, catalog)
    about: list[tuple[str, RenderableType]] = [
        ("ledger", Text(f"does not answer: {why}")),
        ("not asked", Text(f"{', '.join(not_asked(policy))}: it acts in spite of that")),
        ("rights", Text(f"your own, as {who.who.actor}")),
        ("files", Text(str(directory_of(asked)))),
        ("will tell", Text(", ".join(news.ways) or f"nobody: {TOPIC} and {BUS} are not set")),
    ]
    settings = policy.settings_for(
        runbook.name, runbook.family, runbook.risk, alarm_tags={}, region=who.who.region, account=who.who.account
    )
    if str(settings.autonomy.value) == "approve":
        about.append(("approval", Text("policy wants another person's; your confirmation stands in, and that is kept")))
    if any(line["verb"] == "later" for line in made.lines):
        about.append(("later", Text("what it wants started later is not started before the upload")))
    asked.output.print("", Text("Under break-glass", style="bold yellow"), pairs(about), "")
    if who.clock_off:
        off = f"{abs(who.clock_off)} s {'ahead of' if who.clock_off > 0 else 'behind'} AWS's"
        asked.output.note(
            asked.output.mark("failed", f"this machine's clock is {off}: times in the ledger will be wrong")
        )


def _confirmed(asked: Asked, made: Plan, wish: Wish) -> bool:
    if wish.yes:
        return True
    if asked.output.json:
        raise click.UsageError("with --json nobody can confirm the plan: say --yes, too")
    many = "this change" if len(made.changes) == 1 else f"these {len(made.changes)} changes"
    try:
        return click.confirm(f"Make {many} now, on {short(made.resource)}?", default=False)
    except click.Abort:
        raise click.UsageError("nobody is here to confirm the plan: say --yes, where a script does") from None


def _told(asked: Asked, runbook: Runbook, answer: Answer, reason: Reason, news: TeamNews) -> None:
    """Who knows of it; where nobody does, what to send."""
    if news.told:
        asked.output.print(Text(f"told: {', '.join(news.told)}"))
    if news.told and not news.failed:
        return
    failed = "; ".join(f"{way}: {words}" for way, words in news.failed.items()) or f"{TOPIC} and {BUS} are not set"
    asked.output.note(asked.output.mark("failed", f"{'not everybody' if news.told else 'nobody'} was told ({failed})"))
    if not news.told:
        words = f"break-glass: {runbook.name} on {short(answer.resource or '')} by {reason.by}: {reason.reason}"
        asked.output.note("Tell your team yourself, now; for example:")
        asked.output.hint(f"  {words} (run {answer.run})")


def _ended(asked: Asked, done: Carried, answer: Answer | None, glass: Glass, news: TeamNews | None) -> int:
    if asked.output.json:
        more = {"runbook": answer.runbook, "resource": answer.resource} if answer is not None else {}
        told = {"told": news.told, "not_told": news.failed} if news is not None else {}
        asked.output.data({**done.to_dict(), **more, **told, "files": str(glass.directory)})
        return done.code
    if answer is not None:
        done.tell(asked)
    if done.outcome not in (None, "waiting", "running"):
        asked.output.hint(
            "When the ledger answers again, so that the team has it, too:", f"  {asked.command} upload {done.run}"
        )
    return done.code


def _refused(asked: Asked, answer: Answer, glass: Glass) -> int:
    mine = answer.gate == "lock" and _unfinished(glass, str(answer.figures.get("run", "")))
    if asked.output.json:
        names = ("run", "runbook", "resource", "words", "gate", "until", "figures")
        asked.output.data({"outcome": "refused", **{name: getattr(answer, name) for name in names}})
    elif mine:
        asked.output.print("It has not ended: perhaps its process was killed. To carry it on:")
        asked.output.hint(f"  {asked.command} resume {answer.figures['run']}")
    else:
        asked.output.hint(f"  {asked.command} show {answer.run}")
    return exits.REFUSED


def _unfinished(glass: Glass, run: str) -> bool:
    with closing(Journal(glass.journal, glass.clock)) as journal:
        return run in journal.unfinished()
