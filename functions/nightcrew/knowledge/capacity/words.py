"""What the report says of one group, and of one quota, in a sentence: for the terminal and for the digest."""

from collections.abc import Iterator

from nightcrew.knowledge.amounts import counted, times
from nightcrew.knowledge.capacity.needs import Need
from nightcrew.knowledge.capacity.rescued import Rescued
from nightcrew.knowledge.capacity.usage import Used
from nightcrew.knowledge.capacity.wanted import FULL, Sizes, Wanted
from nightcrew.knowledge.saying import Said, say

_EACH = {1: " a second", 60: " a minute", 3600: " an hour"}


def was_scaled(rescued: Rescued) -> str:
    """``was scaled out 5 times, and put back 4 times``."""
    back = f", and put back {times(rescued.put_back)}" if rescued.put_back else ""
    return f"was scaled out {times(rescued.times)}{back}"


def set_now(sizes: Sizes) -> str:
    """``2 to 8, 4 now``."""
    return f"{sizes.min} to {sizes.max}, {sizes.desired} now" if sizes.max is not None else f"{sizes.desired}, fixed"


def would_want(need: Need) -> str:
    """What its hours want, how sure that is, and what it would take; or why there is no figure."""
    if need.wanted is None or need.sizes is None:
        return need.why
    return "; ".join(_parts(need, need.wanted, need.sizes))


def _parts(need: Need, wanted: Wanted, sizes: Sizes) -> Iterator[str]:
    hours = f"its {wanted.hours} hours"
    if wanted.differs(sizes):
        more = counted(wanted.more_hours, f"{need.of} hour")
        yield f"{hours} want Min {wanted.min} and Max {wanted.max} (set: {set_now(sizes)}), {more} more a month"
    else:
        yield f"{hours} want no other Min and Max than are set ({set_now(sizes)}): it is not CPU that it lacks"
    if wanted.raised:
        yield "fewer than that Min served before: what is set now may be a rescue that is not put back yet"
    if wanted.full:
        yield f"{counted(wanted.full, 'hour')} may have wanted more, at {FULL} % of CPU and above"
    if need.assumed:
        yield f"taken to be {counted(sizes.desired, need.of)} all the time"


def is_close(each: Used) -> Said:
    """How much of a quota is used, and what was done about it."""
    quota = each.quota
    used = f"{amount(each.used)} of {amount(quota.value)}{_per(quota.per)}, {each.percent:.0f} %"
    done = what_was_done(each)
    return say(f"{{}} ({{}}): {used}{'; ' if done else ''}{done}", quota.name, quota.service)


def what_was_done(each: Used) -> str:
    """Whether more was asked for; empty where that could not be read."""
    if each.requested is not None:
        return f"{amount(each.requested)} are asked for"
    if not each.quota.adjustable:
        return "it cannot be raised"
    return "nobody has asked for more" if each.certain else ""


def _per(seconds: int | None) -> str:
    return "" if seconds is None else _EACH.get(seconds, f" in {seconds} s")


def amount(value: float) -> str:
    """``1,152``; ``12.5``, where there is something behind the point."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}".rstrip("0").rstrip(".")
