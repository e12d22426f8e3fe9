"""How a game day is shown: what happens to the fault and its alarm as it happens, and in the end what held."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from nightcrew.admission.game_day import GameDay
from nightcrew.cli.live import Live, What
from nightcrew.cli.output import Output
from nightcrew.cli.resources import short
from nightcrew.cli.tables import listed, pairs
from nightcrew.cli.times import whole
from nightcrew.clock import moment
from nightcrew.dispatch.gameday.report import PASSED
from nightcrew.durations import in_words


class GameDayLines(Live):
    """A live view that knows game days, too."""

    def _fault(self, what: What) -> None:
        self.line(
            what, "fault", Text(str(what["words"]), style="bold"), sign=Text("!", style="bold red"), style="bold red"
        )

    def _fired(self, what: What) -> None:
        text = Text.assemble((str(what["alarm"]), "bold"), f", {_words(what['after'])} after the fault")
        self.line(what, "fired", text, sign=self._sign("succeeded"))

    def _cleared(self, what: What) -> None:
        self.line(what, "OK", Text(f"{what['alarm']}, {_words(what['after'])} after the fault"), style="bold green")

    def _taken_back(self, what: What) -> None:
        self.line(what, "taken back", Text(str(what["words"])), sign=self._sign("succeeded"), style="green")

    def _not_taken_back(self, what: What) -> None:
        text = Text(f"{what['fault']}: {what['words']}")
        self.line(what, "left", text, sign=self._sign("failed"), style="bold red")

    def _played(self, what: What) -> None:
        """In the demo, as one line."""
        missed = [f"{each['what']}: {each['got']}" for each in what["expectations"] if not each["held"]]
        text = Text(f"{what['name']}: {'; '.join(missed) or 'everything went as expected'}")
        self.line(what, "game day", text, sign=self._sign("failed" if missed else "succeeded"), style="bold")


class GameDayView(GameDayLines):
    """Of a stack, whose decisions are read from its ledger."""

    def _chosen(self, what: What) -> None:
        if what.get("gate"):
            text = Text.assemble("by the gate ", (str(what["gate"]), "bold"), f": {what['words']}")
            self.line(what, "refused", text, sign=self._sign("refused"), style="yellow")
            return
        text = Text.assemble((str(what["runbook"]), "bold"), f"  run {what['run']}")
        self.line(what, "admitted", text, sign=self._sign("running"))

    def _played(self, what: What) -> None:
        """The command shows more."""


def shown(told: Mapping[str, Any], output: Output) -> Iterable[RenderableType]:
    """A report."""
    yield ""
    yield Text.assemble((str(told["name"]), "bold"), f"  {told['fault']}", ("  on purpose", "dim"))
    if told["stopped"]:
        yield output.mark("failed", f"stopped: {told['stopped']}")
    yield pairs([(each["what"], _expectation(each, output)) for each in told["expectations"]])
    gates = {gate: said for gate, said in told["gates"].items() if said != PASSED}
    if told["gates"]:
        passed = len(told["gates"]) - len(gates)
        said = [f"{passed} passed" if passed else "", *(f"{gate}: {words}" for gate, words in gates.items())]
        yield pairs([("gates", Text("; ".join(filter(None, said))))])
    if told["times"]:
        yield pairs([("times", Text(", ".join(f"{name} {_words(length)}" for name, length in told["times"].items())))])
    for each in told["notes"]:
        yield pairs([("note", Text(str(each)))])
    if told["resource"]:
        yield pairs([("about", Text(short(str(told["resource"]))))])


def days(known: Sequence[GameDay], played: Sequence[Mapping[str, Any] | None], output: Output) -> list[Text]:
    """Those of policy, with how each went last."""
    rows = [
        [_how(report, output), Text(whole(moment(report["began"])) if report else "–"), Text(each.name, style="bold")]
        for each, report in zip(known, played, strict=True)
    ]
    more = [f"{each.fault}: {each.alarm} fires, {each.runbook}, {each.outcome}" for each in known]
    return listed(["went", "last played (UTC)", "game day"], rows, output, more=more, beside="what is expected")


def as_json(each: GameDay) -> dict[str, Any]:
    """One of policy."""
    names = ("name", "alarm", "runbook", "outcome", "within", "account", "region")
    told = {name: getattr(each, name) for name in names}
    return {**told, "fault": str(each.fault), "blocking": list(each.blocking), "because": str(each)}


def _how(report: Mapping[str, Any] | None, output: Output) -> Text:
    if report is None:
        return output.mark("not_applicable", "never played")
    return output.mark("succeeded" if report["held"] else "failed", "well" if report["held"] else "not well")


def _expectation(each: Mapping[str, Any], output: Output) -> Text:
    text = output.mark("succeeded" if each["held"] else "failed", str(each["got"]))
    if each["expected"] not in (each["got"], "taken back"):
        text.append(f"  expected: {each['expected']}", style="dim")
    return text


def _words(seconds: Any) -> str:
    return in_words(timedelta(seconds=round(float(seconds))))
