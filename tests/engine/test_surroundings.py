"""What the body looks up around a resource before the first change: by name or by ARN, in one page or in several."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

import pytest

from nightcrew import Run, calls, runbook
from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.cloud import ClientMaker
from nightcrew.aws.tags import tags_of
from nightcrew.clock import SkippingClock
from nightcrew.demo.scripted import Scripted
from tests.house import House

dynamodb = calls("dynamodb")
ARN = "arn:aws:dynamodb:eu-west-1:123456789012"


def grouped(answer: Any) -> Surroundings:
    """Tags, of a ListTagsOfResource answer; the tag ``group`` names what contains the table."""
    tags = tags_of(answer.get("Tags"))
    return Surroundings((f"dynamodb:group/{tags['group']}",) if "group" in tags else (), tags)


LOOKUP = Lookup(
    "dynamodb:ListTagsOfResource",
    lambda arn: dynamodb.list_tags_of_resource(ResourceArn=arn),
    grouped,
    by_arn=True,
    more="NextToken",
)
Table = Annotated[str, ResourceName("dynamodb", "table/{}", pattern="[a-z-]+", example="orders", lookup=LOOKUP)]


def look(run: Run, table: Table) -> str:
    """Looks at a table."""
    run.prove("it is there", dynamodb.describe_table(TableName=table), bool)
    return "it is there"


@pytest.fixture
def house(clients: ClientMaker, scripted: Scripted, auto_policy: Policy) -> House:
    """A crew whose one runbook looks up what is around a table by its ARN, page by page."""
    permissions = ["dynamodb:DescribeTable", "dynamodb:ListTagsOfResource"]
    declared = runbook(family="restart", risk="low", by_hand=timedelta(minutes=1), permissions=permissions)
    scripted.reset()
    return House.build(clients, scripted, Catalog([declared(look)]), auto_policy, SkippingClock())


@pytest.fixture
def table(house: House) -> Callable[..., str]:
    """Makes a table with these tags, in order."""

    def made(name: str, *tags: str) -> str:
        house.crew.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=[{"Key": tag.split("=")[0], "Value": tag.split("=")[1]} for tag in tags],
        )
        return name

    return made


def asked(house: House) -> list[str]:
    """The ARNs of which tags were asked, in order."""
    return [sent.parameters["ResourceArn"] for sent in house.scripted.sent if sent.operation == "ListTagsOfResource"]


def test_what_stands_on_the_last_page_counts_too(house: House, table: Callable[..., str]) -> None:
    """Ten tags a page here: the group is on the third, and the run holds it."""
    name = table("around-many", *(f"tag-{number:02}=x" for number in range(24)), "group=shop")
    run, ended = house.start("look", table=name)
    assert ended["words"] == "it is there"
    assert asked(house) == [f"{ARN}:table/{name}"] * 3
    assert [fact["held"] for fact in house.facts(run) if "held" in fact] == [[f"{ARN}:group/shop"]]


def test_one_page_is_asked_for_once(house: House, table: Callable[..., str]) -> None:
    """By the table's ARN: its tags are listed by nothing else."""
    name = table("around-one", "group=shop-of-one")
    run, _ = house.start("look", table=name)
    assert asked(house) == [f"{ARN}:table/{name}"]
    assert [fact["held"] for fact in house.facts(run) if "held" in fact] == [[f"{ARN}:group/shop-of-one"]]


def test_a_tag_that_is_found_lowers_what_the_run_may_do(
    house: House, table: Callable[..., str], clients: ClientMaker, scripted: Scripted
) -> None:
    """Admission did not know it; from the hold on the run needs an approval, and nobody gives one."""
    rules = "rules:\n  - {when: {family: restart}, autonomy: auto}\n"
    tagged = "  - {when: {resource_tag: {tier: payment}}, autonomy: approve}\n"
    catalog, clock = house.crew.installation.catalog, SkippingClock()
    careful = House.build(clients, scripted, catalog, load(rules + tagged), clock)
    assert careful.start("look", table=table("around-plain", "tier=toys"))[1]["outcome"] == "succeeded"
    assert careful.start("look", table=table("around-payment", "tier=payment"))[1]["outcome"] == "declined"


def test_around_what_does_not_exist_there_is_nothing(house: House) -> None:
    """The hold refuses nothing; the run itself finds out, and says so."""
    run, ended = house.start("look", table="around-nothing")
    assert ended["outcome"] != "refused"
    assert [fact["held"] for fact in house.facts(run) if "held" in fact] == [[]]
