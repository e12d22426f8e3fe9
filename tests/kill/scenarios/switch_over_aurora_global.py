"""A global cluster that is written here, switched over by hand. The embedded cloud's is there at once."""

from nightcrew.demo.embedded import REGION
from tests.kill.global_cluster import CLUSTER, FAR, two_regions, written_in
from tests.kill.scenario import Arranging, Scenario, Start


def arrange(cloud: Arranging) -> Start:
    two_regions(cloud, writes=REGION)
    return Start(parameters={"cluster": CLUSTER, "to": FAR})


SCENARIO = Scenario("switch-over-aurora-global", arrange, written_in, "succeeded")
