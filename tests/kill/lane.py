"""A cloud arranged for one scenario, and everything that a life needs to work in it."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.demo.embedded import clients_of
from tests.kill.cloud import Cloud
from tests.kill.doors import Doors
from tests.kill.found import Found, find
from tests.kill.life import Told
from tests.kill.lives import Kill, Staff, live
from tests.kill.scenario import Arranging, Scenario, Start


@dataclass(frozen=True)
class Site:
    """A cloud, and the clients of it that were made so far: a client takes as long as a third of a life."""

    cloud: Cloud
    around: Arranging
    doors: Doors

    @classmethod
    def of(cls, cloud: Cloud) -> "Site":
        clients = clients_of(cloud.endpoint)
        return cls(cloud, Arranging(clients), Doors(clients))


@dataclass
class Lane:
    """Plays a scenario as often as one likes, each time in the same world. One run at a time."""

    scenario: Scenario
    site: Site
    catalog: Catalog
    policy: Policy
    start: Start = field(default_factory=Start)

    def arrange(self) -> None:
        """Make in the empty cloud what the scenario wants."""
        self.start = self.scenario.arrange(self.site.around)
        self.site.cloud.save(self.start.refuse)

    def warm(self, told: Told) -> None:
        """Make the clients that a life used, for those that come after it."""
        for service, use in told.clients:
            self.site.doors.warm(service, use)

    def play(self, kill: Kill, room: Path) -> tuple[list[Told], Found]:
        """Carry out one run, killed here and there, and put the cloud back. Raises Astray."""
        room.mkdir()
        around, cloud = self.site.around, self.site.cloud
        try:
            told = live(self._staff(), self.start, room, kill)
            sent, afterwards = cloud.log(), self.scenario.afterwards(around)
            return told, find(around.client("dynamodb"), sent, room, told, afterwards)
        finally:
            cloud.restore()
            shutil.rmtree(room)

    def _staff(self) -> Staff:
        known, rules = self.scenario.catalog or self.catalog, self.scenario.policy or self.policy
        return Staff(known, rules, self.site.doors, self.scenario.runbook, self.scenario.story)
