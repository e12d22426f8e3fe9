"""A global cluster that is written far away, failed over to here; two people approve what may be lost."""

from tests.kill.global_cluster import CLUSTER, FAR, two_regions, written_in
from tests.kill.night import BOB, CYD
from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.stories import approved_by


def arrange(cloud: Arranging) -> Start:
    two_regions(cloud, writes=FAR)
    return Start(parameters={"cluster": CLUSTER})


SCENARIO = Scenario("fail-over-aurora-global", arrange, written_in, "succeeded", story=approved_by(BOB, CYD))
