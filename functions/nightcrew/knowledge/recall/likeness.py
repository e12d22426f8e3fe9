"""How alike two symptoms are, from 0 to 1: an alarm that was renamed is the same one, a near miss is not.

A symptom is ``namespace:metric:direction``, or the name of an alarm or an event. It is compared by its words: their
order, the environment and numbers in it do not matter, nor what an alarm's name says of itself. Where both have a word
that the other has not, something else stands in the same place: another service, another metric. That, and the other
direction, is a near miss.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

EQUAL = 1.0
SIMILAR = 0.6
"""From here on two symptoms are taken for the same trouble under two names."""

NEAR_MISS = 0.15
"""What is left of a likeness where the direction is the opposite one: too much is not too little."""

OTHER_WORD = 0.5
"""What is left where each has a word that the other has not."""

OTHER_SERVICE = 0.3
"""What is left where they are metrics, or events, of two services of AWS."""

OF_ANYTHING = 0.8
"""What is left between a name and a metric of AWS: a name says what it is about, the metric may be anything's."""

NOISE = 0.06
"""How much of a likeness the environment and the numbers decide: they only order what is else the same."""

_WORDS = re.compile(r"\d+[xX]{2}|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+[a-z]*")
_ENVIRONMENTS = (
    "prod production prd live staging stage stg dev develop development test testing qa uat preprod sandbox canary "
    "eu us ap sa ca me af east west north south central northeast southeast northwest southwest blue green"
)
_FILLING = (
    "alarm alert alerts the a an of on in is are for too to at by than and critical crit warning warn major minor "
    "monitor check cloudwatch cw aws amazon count sum total average avg mean max maximum min minimum value threshold "
    "percent percentage pct ratio rate number now been has have exception utilization util usage utilisation used "
    "system linux windows custom agent"
)
_NOISE = frozenset((_ENVIRONMENTS + " " + _FILLING).split())
_SAME = {
    same: words.split()[0]
    for words in (
        "error err errors fault faults failure failures fail fails failed failing 5xx",
        "latency slow slowness duration delay responsetime",
        "memory mem ram",
        "cpu processor",
        "disk storage volume filesystem fs",
        "connection conn conns connections",
        "database db",
        "instance host server node vm",
        "queue backlog",
        "unhealthy unavailable down dead",
        "lag behind replicalag",
        "throttle throttled throttling throttles",
        "request req requests",
        "message msg messages",
    )
    for same in words.split()
}
_HIGH = frozenset(
    ("high", "above", "over", "exceeded", "exceeds", "many", "much", "long", "growing", "spike", "increased", "full")
)
_LOW = frozenset(("low", "below", "under", "few", "little", "empty", "drop", "dropped", "decreased", "missing"))


class Words(NamedTuple):
    """A text as it is compared."""

    meant: frozenset[str]
    noise: frozenset[str]
    direction: str | None
    service: str | None
    """``AWS/EC2`` of a metric of AWS, ``aws.rds`` of an event, ``by hand`` of a start by a person: what has one, has a
    name that is never another's.
    """


def likeness(one: str, other: str) -> float:
    """How alike two symptoms are; the same both ways round. 1 only for equal ones, 0 where no word is shared."""
    if not one or not other:
        return 0.0
    return EQUAL if one == other else _compared(words_of(one), words_of(other))


@lru_cache(maxsize=8192)
def words_of(text: str) -> Words:
    """The words of a symptom, or of an error's code."""
    parts = text.split(":")
    service, direction = None, None
    if len(parts) >= 3 and parts[-1] in {"high", "low", "unknown"}:
        direction = parts.pop()
    if len(parts) >= 2 and parts[0].startswith(("AWS/", "aws.", "by hand")):
        service = parts.pop(0)
    text = " ".join(parts)
    found = [_plain(word) for word in _WORDS.findall(text)]
    for side, signs in (("high", _HIGH), ("low", _LOW)):
        if direction is None and signs.intersection(found):
            direction = side
    meant = frozenset(each for each in found if not _is_noise(each)) - (_HIGH | _LOW)
    noise = frozenset(found) - meant - _HIGH - _LOW
    # A name of nothing but such words still has them.
    return Words(meant or frozenset(found), noise, None if direction == "unknown" else direction, service)


# Both keep only what follows from the words alone: a warm function that finds it again finds what it would compute.
@lru_cache(maxsize=65536)
def _compared(one: Words, other: Words) -> float:
    shared = one.meant & other.meant
    if not shared:
        return 0.0
    found = _dice(one.meant, other.meant)
    if (one.meant - shared and other.meant - shared) or (one.service and other.service):
        found *= OTHER_WORD
    if one.service and other.service and one.service != other.service:
        found *= OTHER_SERVICE / OTHER_WORD
    if bool(one.service) != bool(other.service):
        found *= OF_ANYTHING
    if one.direction and other.direction and one.direction != other.direction:
        found *= NEAR_MISS
    return found * (1 - NOISE) + found * NOISE * 0.9 * _dice(one.noise, other.noise)


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    """What is shared, of all (source: L. R. Dice, Ecology 26(3), 1945). Two empty sets are alike."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0


def _plain(word: str) -> str:
    """In small letters, in the singular, and one word for one thing."""
    low = word.lower()
    if low in _SAME:
        return _SAME[low]
    if not low[0].isdigit() and low not in {"s3", "ec2", "k8s", "route53"}:
        low = low.rstrip("0123456789") or low
    if len(low) > 3 and low.endswith("s") and not low.endswith(("ss", "us", "is")):
        low = low[:-1]
    return _SAME.get(low, low)


def _is_noise(word: str) -> bool:
    return word in _NOISE or (word[0].isdigit() and word != "4xx") or len(word) == 1


def alike(text: str, others: Iterable[str], most: int, least: float = 0.0) -> list[tuple[str, float]]:
    """The others that are most alike, best first, each with its likeness; none that shares no word."""
    found = [(other, likeness(text, other)) for other in others]
    return sorted((each for each in found if each[1] > least), key=lambda each: (-each[1], each[0]))[:most]
