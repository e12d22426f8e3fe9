"""How the demo shows a night: what happens, with what happens on the stage itself; and at the end what it came to."""

from collections.abc import Iterator

from rich.text import Text

from nightcrew.cli import rows
from nightcrew.cli.live import What, reason
from nightcrew.cli.output import Output
from nightcrew.cli.playing import GameDayLines
from nightcrew.cli.resources import short
from nightcrew.cli.tables import listed, pairs
from nightcrew.cli.values import compact
from nightcrew.clock import moment
from nightcrew.demo.stage import Stage
from nightcrew.demo.story import NIGHT, Night
from nightcrew.ledger.history import history


class NightView(GameDayLines):
    """A live view that knows the stage, too."""

    def _chapter(self, what: What) -> None:
        self.output.print()
        self.output.print(Text.assemble((f"{what['number']}  ", "dim"), (str(what["title"]), "bold underline")))

    def _alarm(self, what: What) -> None:
        text = Text(str(what["alarm"]), style="bold")
        self.line(what, str(what["state"]), text, Text(reason(str(what["words"])), style="dim"), style="bold green")

    def _received(self, what: What) -> None:
        self.line(what, "  cloud", Text.assemble("received ", (str(what["call"]), "cyan")), style="dim")

    def _killed(self, what: What) -> None:
        text = Text(f"its process is dead (SIGKILL): {what['words']}")
        self.line(what, "killed", text, sign=self._sign("failed"), style="bold red")

    def _resumed(self, what: What) -> None:
        self.line(what, "resumed", Text("by another process, from the journal"), sign=self._sign("running"))

    def _verified(self, what: What) -> None:
        calls = ", ".join(f"{call} {count}×" for call, count in what["received"].items())
        state = "consistent" if what["consistent"] else "BROKEN"
        text = Text(f"the chain of its {what['entries']} entries is {state}; the cloud received {calls}")
        self.line(what, "verified", text, sign=self._sign("succeeded" if what["consistent"] else "failed"))

    def _storm(self, what: What) -> None:
        gates = ", ".join(f"{count} by {gate}" for gate, count in what["refused"].items())
        runs = "1 run" if what["runs"] == 1 else f"{what['runs']} runs"
        self.line(what, "storm", Text(f"{what['events']} times the same alarm: {runs}; turned away: {gates}"))

    def _asked(self, what: What) -> None:
        would = [Text(f"{line['title']}: {line['call']} {compact(line['parameters'])}") for line in what["lines"]]
        until = f"until {moment(what['deadline']):%H:%M}, plan {what['hash'][:12]}"
        head = Text(f"{what['runbook']} waits for an approval, {until}")
        self.line(what, "  asked", head, *would, sign=self._sign("waiting"), style="cyan")

    def _approved(self, what: What) -> None:
        by = ", ".join(map(short, what["by"]))
        self.line(what, "  approved", Text(f"by {by}: plan {what['hash'][:12]}"), style="green")

    def _halted(self, what: What) -> None:
        text = Text(f"everything, by {short(what['by'])}: {what['words']}")
        self.line(what, "halted", text, sign=self._sign("cancelled"), style="magenta")

    def _lifted(self, what: What) -> None:
        self.line(what, "lifted", Text(f"by {short(what['by'])}: everything is free again"))


def opening(output: Output, fault: str | None) -> None:
    """What one is about to see."""
    output.print(Text(fault or "A night at a small shop, on a cloud in this process (moto).", "bold"))
    output.print(Text("Nothing leaves this machine. Waits are skipped; times are the demo's own, in UTC.", "dim"))
    if fault:
        output.print()


def epilogue(night: Night, stage: Stage, output: Output) -> None:
    """What the night came to."""
    _heading("What it came to", output)
    output.print(pairs([(f"{count} ", words) for count, words in _counts(night, output)]))
    for chapter, played in night.played:
        if played.end != chapter.promised:
            told = (
                f"“{chapter.title}” was to end as {chapter.promised}, and ended as {played.end}: {played.answer.words}"
            )
            output.print(output.mark("failed", told))
    _heading("The ledger", output)
    now = stage.clock.now()
    output.print(*rows.listed(history(stage.crew.store, now=now).rows, now, output))
    if stage.alarms.sounding:
        output.print()
        output.print(Text(f"Still in ALARM, for a person: {', '.join(stage.alarms.sounding)}", "dim"))


def try_next(output: Output) -> None:
    """What to do now."""
    _heading("Try next", output)
    commands = {
        "nightcrew demo --fault kill": "its runner is killed twice in the middle of a change",
        "nightcrew demo --fault stop-hangs": "an instance does not stop, and is forced to",
        "nightcrew demo --event FILE": "an event of your own (events/README.md has many)",
        "nightcrew demo --serve": "keeps this cloud up, with a console in your browser",
        "nightcrew runbooks": "what each runbook does, reads and changes",
    }
    output.print(pairs([(command, Text(words)) for command, words in commands.items()]))


def serving(endpoint: str, region: str, console: str, stage: Stage, output: Output) -> None:
    """Where the console and the cloud are, and what can be done with them."""
    ran = [row.run for row in history(stage.crew.store, now=stage.clock.now()).rows if row.gate is None]
    _heading("The console is up", output)
    output.hint(f"  {console}")
    output.print("  for your browser on this machine: a run waits for your approval there; until Ctrl-C")
    _heading("The cloud is up", output)
    output.print(Text.assemble("  ", (endpoint, "bold"), f"   region {region}, any credentials; until Ctrl-C"))
    output.print()
    aws = f"AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x aws --endpoint-url {endpoint} --region {region}"
    output.hint(f"  {aws} ec2 describe-instances")
    output.print()
    output.print("In another terminal:")
    run = ran[-1] if ran else "RUN"
    look = ("history", f"show {run}", f"postmortem {run}", "stats", "verify")
    commands = (*look, "run restart-ec2-instance --instance-id i-0fed9876cba543210")
    output.hint(*(f"  nightcrew --demo {command}" for command in commands))


def listing(output: Output) -> None:
    """The chapters, without playing them."""
    chapters = [
        [Text(str(number)), Text(_words(each.promised)), Text(each.title)] for number, each in enumerate(NIGHT, start=1)
    ]
    plays = [
        each.reason if each.act else f"plays events/{each.event}.json" if each.event else f"{each.runbook}, by hand"
        for each in NIGHT
    ]
    output.print(*listed(["", "ends as", "chapter"], chapters, output, more=plays))


def _heading(words: str, output: Output) -> None:
    output.print()
    output.print(Text(words, style="bold"))


_REFUSED = ("cool-down", "lock", "halt")
_ORDER = ("cured", "succeeded", "failed", "waiting", "claim", *_REFUSED, "left")
_ENDS = {
    "claim": "duplicate turned away",
    "failed": "failed, and undone",
    "waiting": "waited for a person",
    "left": "left to people",
    **{gate: f"refused, by {gate}" for gate in _REFUSED},
}


def _words(end: str) -> str:
    return _ENDS.get(end, end)


def _counts(night: Night, output: Output) -> Iterator[tuple[int, Text]]:
    ends = night.ends()
    for end in sorted(ends, key=lambda end: _ORDER.index(end) if end in _ORDER else len(_ORDER)):
        count = ends[end]
        outcome = "refused" if end in {"claim", *_REFUSED} else "not_applicable" if end == "left" else end
        yield count, output.mark(outcome, _words(end))
