"""A cloud of one's own, arranged for one scenario, and everything that a life needs to work in it."""

import shutil
from pathlib import Path

from botocore.config import Config

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.demo.embedded import clients_of, make_tables
from tests.kill.cloud import Cloud
from tests.kill.doors import Doors
from tests.kill.found import Found, find
from tests.kill.life import Told
from tests.kill.lives import Kill, Staff, live
from tests.kill.scenario import Arranging, Scenario, Start

PATIENT = Config(read_timeout=60, retries={"total_max_attempts": 1})
"""For a cloud that has only begun, on a busy machine: a table that is made twice is an error."""


class Lane:
    """Plays a scenario as often as one likes, each time in the same world. One run at a time."""

    def __init__(self, scenario: Scenario, cloud: Cloud, catalog: Catalog, policy: Policy) -> None:
        self._scenario = scenario
        self._cloud = cloud
        self._around = Arranging(clients_of(cloud.endpoint))
        doors = Doors(clients_of(cloud.endpoint))
        known, rules = scenario.catalog or catalog, scenario.policy or policy
        self._staff = Staff(known, rules, doors, scenario.runbook, scenario.story)
        self._start = Start()

    def arrange(self) -> None:
        """Begin an empty cloud, and make in it what the scenario wants."""
        self._cloud.begin()
        clients = clients_of(self._cloud.endpoint)
        make_tables(lambda service, _: clients(service, PATIENT))
        self._start = self._scenario.arrange(self._around)
        self._cloud.save(self._start.refuse)

    def warm(self, told: Told) -> None:
        """Make the clients that a life used, for those that come after it."""
        for service, use in told.clients:
            self._staff.doors.warm(service, use)

    def play(self, kill: Kill, room: Path) -> tuple[list[Told], Found]:
        """Carry out one run, killed here and there, and put the cloud back. Raises Astray."""
        room.mkdir()
        try:
            told = live(self._staff, self._start, room, kill)
            sent, afterwards = self._cloud.log(), self._scenario.afterwards(self._around)
            return told, find(self._around.client("dynamodb"), sent, room, told, afterwards)
        finally:
            self._cloud.restore()
            shutil.rmtree(room)
