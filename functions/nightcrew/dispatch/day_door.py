"""The day's job as it is deployed, wired from its function's environment."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from nightcrew.aws.cloud import READING, ClientMaker, Cloud
from nightcrew.dispatch.daily import WEEKDAYS, Job
from nightcrew.engine.deployed import house
from nightcrew.engine.installation import Watch
from nightcrew.engine.metrics import Meter, unmetered
from nightcrew.errors import Unknown
from nightcrew.knowledge.capacity.capacity import PERMISSIONS
from nightcrew.ledger.anchors import Bucket

NEVER = "NEVER"


def day_door(
    environment: Mapping[str, str], watch: Watch, clients: ClientMaker, meter: Meter = unmetered
) -> Callable[[], Job]:
    """What to do each day. Raises Unknown where a variable says what nobody understands, BadInput for a mode of Object
    Lock that there is not.
    """
    current = house(environment, watch, clients, meter)
    bucket, weekday = _bucket(environment, clients), _weekday(environment)
    cloud = Cloud(clients, PERMISSIONS, "the digest")
    return lambda: Job(current(), bucket, weekday, cloud)


def _bucket(environment: Mapping[str, str], clients: ClientMaker) -> Bucket | None:
    where = environment.get("NIGHTCREW_ANCHORS", "")
    if not where:
        return None
    name, _, prefix = where.removeprefix("s3://").partition("/")
    mode = environment.get("NIGHTCREW_ANCHOR_MODE") or "COMPLIANCE"
    given = environment.get("NIGHTCREW_ANCHOR_DAYS") or "365"
    if not given.isdecimal() or not int(given):
        raise Unknown(f"NIGHTCREW_ANCHOR_DAYS is {given!r}: it must be a number of days")
    return Bucket(clients("s3", READING), name, prefix, mode=mode, kept=timedelta(days=int(given)))


def _weekday(environment: Mapping[str, str]) -> int | None:
    day = environment.get("NIGHTCREW_DIGEST_DAY") or NEVER
    if day == NEVER:
        return None
    if day not in WEEKDAYS:
        raise Unknown(f"NIGHTCREW_DIGEST_DAY is {day!r}: one of {', '.join((*WEEKDAYS, NEVER))}")
    return WEEKDAYS.index(day)
