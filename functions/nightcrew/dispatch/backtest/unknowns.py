"""What a history cannot tell, and what was supposed instead: said with every result, lest it be taken for more."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from nightcrew.admission.policy import Policy
from nightcrew.dispatch.backtest.recorded import Recorded
from nightcrew.dispatch.backtest.replay import Played
from nightcrew.dispatch.backtest.supposing import Supposed
from nightcrew.durations import in_words


def supposed_words(supposed: Supposed, lengths: Mapping[str, timedelta]) -> Iterator[str]:
    """How the runs went that were never run. ``lengths`` by runbook."""
    takes = in_words(supposed.takes) if supposed.takes is not None else "half of what its author reckons a person needs"
    if lengths and supposed.takes is None:
        takes += f" ({', '.join(f'{name} {in_words(length)}' for name, length in lengths.items())})"
    end = "cured" if supposed.outcome == "cured" else "ineffective, the alarm not cured"
    yield f"a run changes its resource when it starts, takes {takes}, and ends as {end}"
    yield "where people are asked first they say yes at once, and a precondition of a runbook never stops a run"
    yield "the history stays as it was: alarms that a cure would have ended, or spared, are not taken out"


def unknowns(recorded: Recorded, policy: Policy, lifted: Played) -> Iterator[str]:
    """What the gates could not be asked."""
    yield "groups and tags of resources: no budget of a group, no lock on one, no rule about a resource's tag was asked"
    yield "halts, mute rules and suppressed actions of the past; how old a signal was when it came (stale)"
    yield "what alarms watched in the past: their configuration is the present one"
    calendars = [each.calendar for each in policy.freezes if each.calendar]
    if calendars:
        yield f"Change Calendars, which counted as open: {', '.join(calendars)}"
    if policy.error_budgets:
        names = ", ".join(dict.fromkeys(each.slo for each in policy.error_budgets))
        yield f"error budgets, which counted as unspent: {names}"
    if recorded.gone:
        count = sum(recorded.gone.values())
        yield f"alarms that are no longer there ({count} changes): {', '.join(sorted(recorded.gone))}"
    if lifted.waiting:
        yield f"{lifted.waiting} second tries, which would have come after the end of the history"
