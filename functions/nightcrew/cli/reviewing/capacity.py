"""Capacity for people: what was rescued, what it would want, and what is close to its quota."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from nightcrew.cli.output import Output
from nightcrew.cli.resources import short
from nightcrew.cli.tables import listed
from nightcrew.cli.times import whole
from nightcrew.clock import moment
from nightcrew.knowledge.amounts import counted, times
from nightcrew.knowledge.capacity.capacity import Capacity
from nightcrew.knowledge.capacity.needs import Need
from nightcrew.knowledge.capacity.usage import Used
from nightcrew.knowledge.capacity.words import amount, set_now, what_was_done, would_want


def show(told: Capacity, output: Output) -> None:
    """All of it."""
    output.print(*_head(told))
    if told.needs:
        output.print("", *_needs(told.needs, output))
    if told.usage.close:
        output.print("", *_quotas(told.usage.close, output))
    if told.unknown:
        output.print("", Text("Not known", style="bold"), *(Text(f"  {each}", style="dim") for each in told.unknown))


def _head(told: Capacity) -> Iterator[Text]:
    lasted = counted(told.days, "day")
    found = counted(len(told.needs), "resource was", "resources were") if told.needs else "nothing was"
    yield Text(f"{lasted}: {found} scaled out {times(told.terms.rescues)} or more", style="bold")
    use = told.usage
    close = counted(len(use.close), "quota is", "quotas are") if use.close else "no quota is"
    of = f"of {counted(use.metered, 'quota')} with a metric {use.measured} had figures in the last day"
    yield Text(f"{close} used to {told.terms.close:.0f} % or more ({of})", style="bold")


def _needs(needs: Sequence[Need], output: Output) -> list[Text]:
    rows = [
        [
            Text(str(each.rescued.times).rjust(5)),
            Text(short(each.rescued.resource)),
            Text(set_now(each.sizes) if each.sizes else "–"),
            Text(f"{each.wanted.min} to {each.wanted.max}" if each.wanted else "–"),
        ]
        for each in needs
    ]
    more = [would_want(each) for each in needs]
    return listed(["times", "scaled out", "set", "wanted"], rows, output, more=more, beside="why", cut=False)


def _quotas(close: Sequence[Used], output: Output) -> list[Text]:
    rows = [
        [
            Text(f"{each.percent:.0f} %".rjust(5)),
            Text(amount(each.used)),
            Text(amount(each.quota.value)),
            Text(each.quota.name),
        ]
        for each in close
    ]
    more = ["; ".join(_about(each)) for each in close]
    return listed(["used", "amount", "of", "quota"], rows, output, more=more, beside="about", cut=False)


def _about(each: Used) -> Iterator[str]:
    yield f"{each.quota.service} {each.quota.code}, the most at {whole(moment(each.at))}"
    if done := what_was_done(each):
        yield done
