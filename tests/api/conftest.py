"""An office: an installation whose API is asked as API Gateway asks it."""

from pathlib import Path

import pytest

from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import IMAGE
from nightcrew.demo.house import House
from nightcrew.demo.scripted import Scripted
from tests.api.desk import Office

ASKS = "defaults: {breaker: 10000}\nrules:\n  - {when: {runbook: restart-ec2-instance}, autonomy: approve}\n"


@pytest.fixture
def office(house: House, tmp_path: Path) -> Office:
    """One under whose policy everything runs."""
    return Office.of(house, tmp_path)


@pytest.fixture
def careful(clients: ClientMaker, scripted: Scripted, catalog: Catalog, tmp_path: Path) -> Office:
    """One under whose policy a restart waits for an approval."""
    scripted.reset()
    return Office.of(House.build(clients, scripted, catalog, load(ASKS), SkippingClock()), tmp_path)


@pytest.fixture
def instance(clients: ClientMaker, house: House) -> str:
    """A machine of one's own."""
    ec2 = house.crew.client("ec2")
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)
    return str(made["Instances"][0]["InstanceId"])
