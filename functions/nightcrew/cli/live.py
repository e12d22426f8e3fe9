"""What happens, as it happens: the time, a verb, and what it is about; the steps of a run stand indented under it.

On a terminal a wait shows that it lasts; what stays is the line that tells how it ended. Nothing is drawn twice, so the
same lines can be read in a file.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from rich.status import Status
from rich.table import Table
from rich.text import Text

from nightcrew.cli.output import Output
from nightcrew.cli.resources import short
from nightcrew.cli.values import compact
from nightcrew.clock import moment
from nightcrew.durations import in_words
from nightcrew.engine.installation import Watch
from nightcrew.knowledge.marks import mark_of

What = Mapping[str, Any]

_BEFORE_TEXT = 23
"""Columns for time, mark and verb."""
_MOST = 110
"""What is told of a value, where there is no terminal to fit into."""
_LEAST = 16
"""What is shorter than this is not worth being told."""

_HOW = {"once": "", "repeated": "repeated: its outcome was unknown", "unknown": "its outcome is unknown"}


def watcher(output: Output) -> Watch:
    """Tells people what an installation's ``watch`` is told. It is a context manager: leaving it ends what moves."""
    return Live(output)


class Live:
    """A view of what happens. Called with a kind and what it is about; what it does not know it leaves out."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self._held: list[str] = []
        self._since = ""
        self._status: Status | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._settle()

    def __call__(self, kind: str, what: What) -> None:
        """Show one thing."""
        if kind == "require" and what["held"]:
            # One line for those that come together.
            self._since = self._since or str(what.get("at", ""))
            self._held.append(str(what["require"]))
            return
        show = getattr(self, f"_{kind}", None)
        if show is not None:
            self._settle()
            show(what)

    # --- signals and answers

    def _signal(self, what: What) -> None:
        loud = what["state"] == "ALARM"
        about = [Text(str(what["alarm"]), style="bold")]
        if "metric" in what:
            about.append(_dim(f"{what['metric']}  {compact(what.get('dimensions', {}))}"))
        about.append(_dim(reason(str(what["reason"]))))
        sign = Text("!", style="bold red") if loud else Text()
        self.line(what, str(what["state"]), *about, sign=sign, style="bold red" if loud else "bold")

    def _admitted(self, what: What) -> None:
        about = Text.assemble((str(what["runbook"]), "bold"), " on ", (short(str(what["resource"])), "bold"))
        level, because = what.get("autonomy", ("", ""))
        allowed = f"{level}, by {because}" if level else ""
        why = str(what.get("why", ""))
        if what.get("by") == "person":
            who, allowed = f"by hand, by {str(what['actor']).rsplit('/', 1)[-1]}", ""
            why = f"{what['reason']} ({who})" if what.get("reason") else who
        details = [_dim(f"why: {why}")] if why else []
        details += [_dim(f"may run: {allowed}")] if allowed else []
        self.line(what, "admitted", about, *details, _dim(f"run {what['run']}"), sign=self._sign("running"))

    def _refused(self, what: What) -> None:
        about = Text.assemble("by the gate ", (str(what["gate"]), "bold"), f": {what['words']}")
        details = []
        if what.get("until"):
            details.append(_dim(f"until {moment(str(what['until'])):%H:%M:%S}"))
        told = "nothing is written: its first delivery has the entry" if what["gate"] == "claim" else None
        entry = told or (f"entry {what['run']}" if str(what.get("run", "")).startswith("refused-") else "")
        self.line(
            what,
            "refused",
            about,
            *details,
            *([_dim(entry)] if entry else []),
            sign=self._sign("refused"),
            style="yellow",
        )

    def _left(self, what: What) -> None:
        self.line(what, "left", Text(str(what["words"])), sign=self._sign("not_applicable"))

    def _suggested(self, what: What) -> None:
        self.line(what, "suggested", Text(str(what["words"])), sign=self._sign("planned"))

    def _closed(self, what: What) -> None:
        outcome = mark_of(str(what["outcome"]))
        about = Text()
        with suppress(KeyError, ValueError):
            about.append(
                f"in {in_words(moment(str(what['at'])) - moment(str(what['started'])))}: ", style=outcome.style
            )
        about.append(str(what["words"]))
        self.line(what, outcome.words, about, sign=self._sign(str(what["outcome"])), style=f"bold {outcome.style}")

    # --- steps

    def _require(self, what: What) -> None:
        text = Text(f"it does not hold that {what['require']}")
        self.line(what, "  required", text, sign=self._sign("failed"), style="red")

    def _change(self, what: What) -> None:
        call = Text.assemble((str(what["call"]), "cyan"), " ", (compact(what.get("parameters", {}), 2 * _MOST), "dim"))
        if what.get("again"):
            again = "its entry was written before, and whether the call was made is unknown"
            self.line(what, "  again", Text(str(what["title"]), style="bold"), _dim(again), style="bold yellow")
            return
        verb = "  undo" if what.get("undoing") else "  change"
        self.line(what, verb, Text(str(what["title"]), style="bold"), call, style="bold yellow")

    def _wait(self, what: What) -> None:
        if what.get("pause"):
            self.line(what, "  wait", Text(str(what["title"])))
        elif self.output.live:
            within = in_words(timedelta(seconds=int(what.get("within", 0))))
            text = Text(f"waiting until {what['title']}, {within} at most", "dim", no_wrap=True, overflow="ellipsis")
            self._status = self.output.console.status(text, spinner="dots", spinner_style="dim")
            self._status.start()

    def _fact(self, what: What) -> None:
        if "read" in what:
            self._read(what)
        elif "changed" in what:
            self._changed(what)
        elif "waited" in what or "proved" in what:
            self._waited(what)
        elif "later" in what:
            self._later(what)

    def _read(self, what: What) -> None:
        title = str(what["read"])
        failed = _error(what["error"]) if "error" in what else what.get("missing")
        if failed and "value" not in what:
            self.line(what, "  read", Text(f"{title}: {failed}"), sign=self._sign("failed"), style="red")
            return
        value = what.get("value")
        if isinstance(value, Mapping):
            value = {name: part for name, part in value.items() if name != "asked"}
        self.line(what, "  read", self._with(title, "there is none" if failed else value, what))

    def _changed(self, what: What) -> None:
        how = str(what.get("how", ""))
        words = _HOW.get(how, how)
        tries = int(what.get("tries", 1))
        told = [f"how: {words}"] if words else []
        told += [f"sent {tries} times, since AWS throttled it"] if tries > 1 else []
        if told:
            self.line(what, "  made", Text(f"{what['changed']}: {'; '.join(told)}"), style="yellow")
        failed = what.get("person") or (_error(what["error"]) if "error" in what else None)
        if failed:
            self.line(what, "  failed", Text(f"{what['changed']}: {failed}"), sign=self._sign("failed"), style="red")

    def _waited(self, what: What) -> None:
        proved = "proved" in what
        met = bool(what.get("met"))
        text = Text(str(what["proved" if proved else "waited"]))
        spent = _spent(what)
        text.append(f"  {spent}" if met and spent else "", style="dim")
        if not met:
            seen = (
                _error(what["error"]) if "error" in what else what.get("stopped", {}).get("words") or what.get("seen")
            )
            text.append(f": not so {spent or 'yet'}" + (f"; seen last: {seen}" if seen else ""), style="red")
        if met and isinstance(what.get("value"), Mapping):
            text = self._with(text, what["value"], what)
        sign = self._sign("failed") if not met else self._sign("succeeded") if proved else Text()
        style = "red" if not met else "green" if proved else ""
        self.line(what, "  proved" if proved else "  waited", text, sign=sign, style=style)

    def _later(self, what: What) -> None:
        due = Text(f"due {moment(str(what['due'])):%Y-%m-%d %H:%M}: {what['runbook']}", style="dim")
        self.line(what, "  later", Text(str(what["later"])), due)

    # --- lines

    def line(self, what: What, verb: str, *texts: Text, sign: Text | None = None, style: str = "") -> None:
        """One line; further texts stand below the first."""
        grid = Table.grid(padding=(0, 1, 0, 0))
        for width in (9, 1, 10):
            grid.add_column(width=width, no_wrap=True)
        grid.add_column(overflow="fold")
        at = str(what.get("at", ""))
        time = Text(f"{moment(at):%H:%M:%S}" if at else "", style="dim")
        grid.add_row(time, sign or Text(), Text(verb, style=style), Text("\n").join(texts))
        self.output.print(grid)

    def _sign(self, outcome: str) -> Text:
        return Text(self.output.mark(outcome, "").plain.strip(), style=mark_of(outcome).style)

    def _with(self, text: Text | str, value: Any, what: What) -> Text:
        """A text with as much of a value as fits into its line. The day of a time is left out where it is today."""
        told = Text(text) if isinstance(text, str) else text
        room = min(self.output.width, _BEFORE_TEXT + _MOST) - _BEFORE_TEXT - told.cell_len - 2
        if value in (None, {}, [], "") or room < _LEAST:
            return told
        today = re.escape(str(what.get("at", ""))[:11])
        words = re.sub(rf"{today}(\d\d:\d\d:\d\d)(\.\d+)?Z", r"\1", compact(value, 10_000)) if today else compact(value)
        return told.append(f"  {words if len(words) <= room else words[: room - 1] + '…'}", style="dim")

    def _settle(self) -> None:
        """End what moves, and tell what was kept back."""
        if self._status is not None:
            self._status.stop()
            self._status = None
        if self._held:
            held, since = "; ".join(self._held), self._since
            self._held, self._since = [], ""
            self.line({"at": since} if since else {}, "  required", Text(held), sign=self._sign("succeeded"))


def reason(text: str) -> str:
    """CloudWatch's reason, without the times of its datapoints and how many it takes: they can be looked up."""
    cut = re.sub(r" \(\d\d/\d\d/\d\d [\d:]+\)| \(minimum [^)]*\)", "", text.removeprefix("Threshold Crossed: "))
    return re.sub(r"The most recent datapoints? which crossed the threshold:", "The last:", cut).strip()


def _dim(text: str) -> Text:
    return Text(text, style="dim")


def _error(error: Mapping[str, Any]) -> str:
    return f"{error.get('code')}: {error.get('message')}"


def _spent(what: What) -> str:
    """How long something was waited for: ``after 44 s, 7 looks``; nothing where it was so at once."""
    looks = int(what.get("tries", 1))
    with suppress(KeyError, ValueError):
        length: timedelta = _time(what["at"]) - _time(what["since"])
        faults = f", {what['faults']} in vain" if what.get("faults") else ""
        if looks > 1:
            return f"after {in_words(length)}, {looks} looks{faults}"
    return ""


def _time(text: str) -> datetime:
    return moment(text)
