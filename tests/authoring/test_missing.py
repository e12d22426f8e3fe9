"""``missing=``: a runbook may ask whether something exists, and go on either way."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

import pytest

from nightcrew import Run, calls, runbook
from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.arns import ResourceName
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import SkippingClock
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.errors import Unknown
from tests.house import House

sqs = calls("sqs")
Queue = Annotated[str, ResourceName("sqs", "{}", pattern="[a-z0-9-]+", example="orders")]

Ask = Callable[..., House]


def no_such_attribute(_: Any) -> Any:
    """A pick that finds nothing in the answer."""
    raise Unknown("there is no such attribute")


@pytest.fixture
def ask(clients: ClientMaker, scripted: Scripted, auto_policy: Policy) -> Ask:
    """A house with a runbook ``ask`` that reads a queue, and ends with what it got as its words."""

    def made(**how: Any) -> House:
        def ask(run: Run, queue: Queue) -> str:
            """Asks."""
            return str(run.read("is it there?", sqs.get_queue_url(QueueName=queue), **how))

        declared = runbook(family="restart", risk="low", by_hand=timedelta(minutes=1), permissions=["sqs:GetQueueUrl"])
        one: Runbook = declared(ask)
        scripted.reset()
        return House.build(clients, scripted, Catalog([one]), auto_policy, SkippingClock())

    return made


def test_what_does_not_exist_is_the_answer_that_was_given_for_it(ask: Ask) -> None:
    """And the ledger keeps both: the answer, and what AWS said."""
    house = ask(missing={"url": None})
    run, ended = house.start("ask", queue="never-made")
    assert ended["words"] == "{'url': None}"
    (fact,) = [fact for fact in house.facts(run) if "read" in fact]
    assert fact["value"] == {"url": None}
    assert "does not exist" in fact["missing"]
    assert "error" not in fact


def test_nothing_is_an_answer_too(ask: Ask) -> None:
    """None is what was asked for, not the lack of it."""
    _, ended = ask(missing=None).start("ask", queue="never-made")
    assert ended["words"] == "None"


def test_what_a_pick_does_not_find_is_missing_as_well(ask: Ask) -> None:
    """Some operations answer with an empty list where there is nothing."""
    house = ask(missing="nothing", pick=no_such_attribute)
    house.crew.client("sqs").create_queue(QueueName="asked-by-pick")
    _, ended = house.start("ask", queue="asked-by-pick")
    assert ended["words"] == "nothing"


def test_what_exists_is_read(ask: Ask) -> None:
    """The other answer is for nothing else."""
    house = ask(missing="nothing", pick=lambda answer: answer["QueueUrl"].rsplit("/", 1)[-1])
    house.crew.client("sqs").create_queue(QueueName="asked-and-there")
    _, ended = house.start("ask", queue="asked-and-there")
    assert ended["words"] == "asked-and-there"


def test_a_refusal_is_not_missing(ask: Ask) -> None:
    """Who may not look does not know."""
    house = ask(missing="nothing")
    house.scripted.answer("sqs", "GetQueueUrl", Refusal("AccessDenied"))
    _, ended = house.start("ask", queue="never-made")
    assert ended["outcome"] == "failed"
    assert "AccessDenied" in ended["words"]


def test_without_it_the_run_is_not_applicable(ask: Ask) -> None:
    """As before."""
    _, ended = ask().start("ask", queue="never-made")
    assert ended["outcome"] == "not_applicable"


def test_a_plan_asks_in_the_same_way(ask: Ask) -> None:
    """So it goes on where the run would."""
    assert ask(missing="nothing").plan("ask", queue="never-made").words == "nothing"
    assert ask(missing="nothing", pick=no_such_attribute).plan("ask", queue="never-made").words == "nothing"
    assert ask().plan("ask", queue="never-made").outcome == "not_applicable"
