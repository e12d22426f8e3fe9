"""``nightcrew capacity`` on the demo's cloud: a group that was rescued three times, and the vCPUs of the account."""

from collections.abc import Iterator

import pytest

from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.clock import SkippingClock, StoppedClock
from nightcrew.demo.embedded import ACCOUNT, IMAGE
from nightcrew.demo.moto_time import moto_by
from tests.cli.cloud import REGION, Demo
from tests.cli.desk import typed
from tests.knowledge.chronicle import DAY, Chronicle

NAME = "capacity-web"
GROUP = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/{NAME}"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/capacity-orders"
GROW, SHRINK = "scale-out-auto-scaling-group", "put-back-auto-scaling-sizes"


@pytest.fixture(scope="module")
def group(served_clients: ClientMaker) -> Iterator[str]:
    """Four instances, two to eight, that have been there for five days of twenty-four full hours."""
    whole_hour = SkippingClock().now().replace(minute=0, second=0, microsecond=0)
    autoscaling, ec2 = served_clients("autoscaling", READING), served_clients("ec2", READING)
    with moto_by(StoppedClock(whole_hour - 5 * DAY)):
        data = {"ImageId": IMAGE, "InstanceType": "m5.4xlarge"}
        ec2.create_launch_template(LaunchTemplateName=NAME, LaunchTemplateData=data)
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=NAME,
            MinSize=2,
            MaxSize=8,
            DesiredCapacity=4,
            AvailabilityZones=[f"{REGION}a"],
            LaunchTemplate={"LaunchTemplateName": NAME},
        )
    yield NAME
    autoscaling.delete_auto_scaling_group(AutoScalingGroupName=NAME, ForceDelete=True)


@pytest.fixture
def rescues(demo: Demo, group: str) -> str:
    """It was scaled out three times and put back once; a table was, too, and another group only twice."""
    chronicle, now = Chronicle(demo.store), SkippingClock().now()
    for days_ago in (1, 2, 3):
        for resource, runbook in ((GROUP, GROW), (TABLE, "raise-dynamodb-capacity")):
            chronicle.ran(now - days_ago * DAY, runbook=runbook, family="scale-out", resource=resource)
    chronicle.ran(now - DAY, "succeeded", runbook=SHRINK, family="scale-out", resource=GROUP)
    for days_ago in (1, 30):
        chronicle.ran(now - days_ago * DAY, runbook=GROW, family="scale-out", resource=f"{GROUP}-other")
    return group


def test_a_group_that_was_rescued_is_told_what_its_hours_want(rescues: str) -> None:
    """Four at 75 % for most of the day want five at 60 %; one more, all day, is 730 instance hours a month."""
    del rescues
    told = typed("--demo", "capacity", "--json").json
    table, group = sorted(told["rescued"], key=lambda each: bool(each["sizes"]))
    assert (group["resource"], group["times"], group["put_back"]) == (GROUP, 3, 1)
    assert group["sizes"] == {"min": 2, "max": 8, "desired": 4}
    hours = group["wanted"].pop("hours")
    assert hours in (120, 121)  # the clock may turn meanwhile
    figures = {"min": 5, "max": 8, "highest": 5, "full_hours": 0, "more_hours_a_month": 730, "min_was_raised": False}
    assert group["wanted"] == figures
    assert (table["wanted"], table["why"]) == (None, "figures are of Auto Scaling groups and ECS services only")
    assert told["unknown"] == []


def test_what_counts_can_be_said(rescues: str) -> None:
    """How often, in how many days, at which CPU; and a target that the group meets wants no more than is set."""
    del rescues
    assert typed("--demo", "capacity", "--rescues", "4", "--since", "4d", "--json").json["rescued"] == []
    assert len(typed("--demo", "capacity", "--since", "31d", "--rescues", "2", "--json").json["rescued"]) == 3
    assert len(typed("--demo", "capacity", "--rescues", "1", "--since", "2d", "--json").json["rescued"]) == 3
    lower = typed("--demo", "capacity", "--cpu", "30", "--since", "4d", "--json").json["rescued"]
    assert [each["wanted"]["min"] for each in lower if each["wanted"]] == [10]


def test_vcpus_near_their_quota_are_told(rescues: str) -> None:
    """As the cloud counts them: sixty-four of this group, and whatever else runs there."""
    del rescues
    quotas = typed("--demo", "capacity", "--close", "5", "--json").json["quotas"]
    [close] = quotas["close"]
    assert (close["service"], close["quota"], close["value"]) == ("ec2", "L-1216C47A", 1152.0)
    assert close["used"] >= 64
    assert close["percent"] == round(100 * close["used"] / 1152, 1)
    assert (close["adjustable"], close["requested"]) == (True, None)
    assert (quotas["metered"], quotas["measured"]) == (4, 1)


@pytest.mark.parametrize("columns", [80, 120, 200, None])
def test_people_see_it_in_tables(rescues: str, columns: int | None) -> None:
    """As wide as the terminal."""
    shown = typed("--demo", "capacity", "--close", "5", columns=columns)
    assert shown.code == 0
    words = " ".join(shown.out.split())
    assert "28 days: 2 resources were scaled out 3 times or more" in words
    assert rescues in shown.out
    assert "want Min 5 and Max 8 (set: 2 to 8, 4 now)" in words
    assert "730 instance hours more a month" in words
    assert "Running On-Demand Standard instances" in shown.out
    assert "nobody has asked for more" in words
    assert columns is None or shown.widest <= columns


def test_a_quiet_fleet_says_so(demo: Demo) -> None:
    """And is no error."""
    del demo
    shown = typed("--demo", "capacity")
    assert (shown.code, shown.out.splitlines()[0]) == (0, "28 days: nothing was scaled out 3 times or more")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--since", "93d"), "92 days at most"),
        (("--since", "2999-01-01"), "today or before"),
        (("--since", "soon"), "--since"),
        (("--rescues", "0"), "--rescues"),
        (("--cpu", "100"), "--cpu"),
        (("--close", "101"), "--close"),
    ],
)
def test_what_cannot_be_is_refused(demo: Demo, words: tuple[str, str], named: str) -> None:
    """With what is allowed."""
    del demo
    seen = typed("--demo", "capacity", *words)
    assert seen.code == 2
    assert named in " ".join(seen.err.split())


def test_over_the_api_it_says_where_it_works() -> None:
    """It has no call there."""
    seen = typed("--url", "https://x.execute-api.eu-west-1.amazonaws.com", "capacity")
    assert seen.code == 2
    assert "capacity has no call in the API" in seen.err
