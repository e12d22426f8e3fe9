"""The HTTP API as it is deployed: API Gateway asks IAM, and the function plans, starts and tells with its own role."""

import json
import subprocess
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from nightcrew.demo.embedded import ACCOUNT
from nightcrew.ledger.history import entries
from tests.e2e.checkout import Checkout, a_checkout
from tests.e2e.deployment import Deployed, Key
from tests.e2e.ledger import store
from tests.e2e.people import somebody

pytestmark = pytest.mark.e2e

RUNBOOK = "roll-back-lambda-alias"


@pytest.fixture(scope="module")
def stranger(deployed: Deployed) -> Key:
    """Somebody whom IAM lets act, and whom ApiOperators does not name."""
    return somebody(deployed, "sara", "ViewerAccess", "OperatorAccess")


@pytest.fixture(scope="module")
def bad(deployed: Deployed) -> Checkout:
    """A function that Nightcrew may touch, whose newest version fails; no alarm says so."""
    return a_checkout(deployed, nightcrew="managed")


def over(deployed: Deployed, key: Key, *words: str) -> "subprocess.CompletedProcess[str]":
    """A command, through the API."""
    return deployed.nightcrew("--url", deployed.api, *words, key=key)


def test_who_may_look_looks(deployed: Deployed, viewer: Key) -> None:
    listed = over(deployed, viewer, "runbooks", "--json")
    assert listed.returncode == 0, listed.stderr
    assert RUNBOOK in {each["name"] for each in json.loads(listed.stdout)}


def test_who_may_look_stops_nothing(deployed: Deployed, viewer: Key) -> None:
    """IAM denies the route, before the function hears of it."""
    denied = over(deployed, viewer, "halt", "--runbook", "restart-ec2-instance", "--reason", "e2e")
    assert denied.returncode == 2
    assert "the API does not let you" in denied.stderr


def test_whom_iam_lets_act_the_function_asks_once_more(deployed: Deployed, stranger: Key) -> None:
    denied = over(deployed, stranger, "halt", "--runbook", "restart-ec2-instance", "--reason", "e2e")
    assert denied.returncode == 2
    assert "ApiOperators" in denied.stderr


def test_without_a_signature_nobody_comes_in(deployed: Deployed) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{deployed.api}/runbooks"), timeout=60)  # noqa: S310  the emulator's
    assert refused.value.code in {401, 403}


def test_a_plan_is_read_as_the_planner_and_changes_nothing(deployed: Deployed, operator: Key, bad: Checkout) -> None:
    planned = over(deployed, operator, "run", RUNBOOK, "--function", bad.name, "--alias", "live", "--plan", "--json")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    told = json.loads(planned.stdout)
    assert told["outcome"] == "planned", told
    assert "lambda:UpdateAlias" in {line.get("call") for line in told["lines"]}
    assert bad.version == "2"


def test_a_start_is_carried_out_and_its_story_has_who_asked(deployed: Deployed, operator: Key, bad: Checkout) -> None:
    done = over(
        deployed, operator, "run", RUNBOOK, "--function", bad.name, "--alias", "live", "--reason", "e2e", "--json"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["outcome"] == "succeeded"
    assert bad.version == "1"
    opening = entries(store(deployed), told["run"])[0].body
    assert (opening["actor"], opening["reason"]) == (f"arn:aws:iam::{ACCOUNT}:user/olaf", "e2e")
    shown = over(deployed, operator, "show", told["run"])
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.rstrip().endswith("consistent")
