"""What a digest says of capacity, where AWS was asked."""

from datetime import timedelta
from typing import Any

from nightcrew.knowledge.capacity.capacity import Capacity, Terms
from nightcrew.knowledge.capacity.figures import Metric
from nightcrew.knowledge.capacity.needs import OTHERS, Need
from nightcrew.knowledge.capacity.quotas import Quota
from nightcrew.knowledge.capacity.rescued import Rescued
from nightcrew.knowledge.capacity.usage import Usage, Used
from nightcrew.knowledge.capacity.wanted import Sizes, Wanted
from nightcrew.knowledge.digest.digest import Digest, digest
from nightcrew.knowledge.statistics.day import Count, Day
from tests.knowledge.chronicle import DAY, NIGHT

LAST = NIGHT.date() + DAY
WEEK = (LAST - 6 * DAY, LAST)
WEB, WORKER = (
    f"arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/{name}"
    for name in ("web", "worker")
)
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
SIZES, WANTED = Sizes(2, 8, 4), Wanted(5, 13, 600, 0, 10, 584)
WANTS = "its 600 hours want Min 5 and Max 13 (set: 2 to 8, 4 now), 584 instance hours more a month"


def need(resource: str, times: int, **more: Any) -> Need:
    return Need(**{"rescued": Rescued(resource, times), "sizes": SIZES, "wanted": WANTED, **more})


def close(name: str, percent: float) -> Used:
    metric = Metric("AWS/Usage", "ResourceCount", (), "Maximum", 3600)
    quota = Quota("ec2", f"L-{name}", name, 100.0, 100.0, adjustable=True, metric=metric)
    return Used(quota, percent, "2026-11-21T03:00:00.000Z")


def report(*needs: Need, quotas: tuple[Used, ...] = (), unknown: tuple[str, ...] = ()) -> Capacity:
    usage = Usage(quotas, len(quotas), len(quotas))
    return Capacity(LAST - timedelta(days=27), LAST, NIGHT + DAY, Terms(), needs, usage, unknown)


def made(*scaled: tuple[str, int], of: Capacity | None) -> Digest:
    """Of a week in which these were scaled out so often."""
    counts = tuple(
        Count("scale-out-auto-scaling-group", "scale-out", resource, "s", "cured", "", number)
        for resource, number in scaled
    )
    return digest([Day(NIGHT.date(), counts)], *WEEK, report=of)


def lines(of: Digest, name: str) -> list[dict[str, Any]]:
    return [line for section in of.to_dict()["sections"] if section["name"] == name for line in section["lines"]]


def test_a_group_that_was_rescued_in_the_week_is_told_what_its_weeks_want() -> None:
    """In place of the advice that has no figures; with these for programs."""
    [line] = lines(made((WEB, 2), of=report(need(WEB, 5))), "capacity")
    assert line == {
        "words": f"web was scaled out 2 times: {WANTS}",
        "resource": WEB,
        "times": 2,
        "put_back": 0,
        "sizes": SIZES.to_dict(),
        "wanted": WANTED.to_dict(),
    }


def test_one_that_is_rescued_less_often_is_told_by_its_four_weeks() -> None:
    """After those of the week."""
    told = lines(made((WEB, 2), (WORKER, 1), of=report(need(WORKER, 4), need(WEB, 3))), "capacity")
    assert [each["words"] for each in told] == [
        f"web was scaled out 2 times: {WANTS}",
        f"worker was scaled out 4 times in 28 days: {WANTS}",
    ]


def test_without_figures_the_advice_is_what_it_was() -> None:
    """Of a table, of a group too young, and where AWS was not asked at all."""
    for asked in (report(need(TABLE, 3, wanted=None, sizes=None, why=OTHERS)), report(), None):
        [line] = lines(made((TABLE, 3), of=asked), "capacity")
        assert line["words"] == "orders was scaled out 3 times: give it for good what it gets each time"
        assert "wanted" not in line


def test_quotas_that_are_close_have_a_section_in_a_quiet_week_too() -> None:
    """Whoever is at the limit wants to know it before the next run does."""
    told = made(of=report(quotas=(close("vCPUs", 95.0), close("Volumes", 81.0))))
    assert not told.quiet
    assert told.text().splitlines()[1:] == [
        "",
        "QUOTAS THAT ARE CLOSE",
        "- vCPUs (ec2): 95 of 100, 95 %; nobody has asked for more",
        "- Volumes (ec2): 81 of 100, 81 %; nobody has asked for more",
    ]
    assert lines(told, "quotas")[0]["percent"] == 95.0


def test_what_could_not_be_read_is_said_since_silence_would_pass_for_room() -> None:
    """In one line, however much it is."""
    [line] = lines(made(of=report(unknown=("quotas of ec2: denied", "sizes of groups: denied"))), "quotas")
    assert line["words"] == "not known: quotas of ec2: denied, and 1 more"
    assert line["unknown"] == ["quotas of ec2: denied", "sizes of groups: denied"]


def test_a_week_with_room_everywhere_stays_quiet() -> None:
    assert made(of=report()).quiet
