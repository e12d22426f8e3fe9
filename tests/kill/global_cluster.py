"""A global cluster with members in two Regions, for who kills runs about it."""

from functools import partial
from typing import Any

from nightcrew.aws.cloud import READING
from nightcrew.demo.embedded import REGION, clients_of
from tests.kill.scenario import Arranging

FAR = "us-east-1"
CLUSTER, GLOBAL = "shop", "shop-everywhere"


def two_regions(cloud: Arranging, *, writes: str) -> None:
    """Make it; the first member is the one that writes."""
    here = cloud.client("rds")
    far = clients_of(here.meta.endpoint_url, FAR)("rds", READING)
    far.create_global_cluster(GlobalClusterIdentifier=GLOBAL, Engine="aurora-mysql")
    both = {REGION: here, FAR: far}
    for region in sorted(both, key=lambda each: each != writes):
        make = partial(both[region].create_db_cluster, DBClusterIdentifier=CLUSTER, Engine="aurora-mysql")
        make(GlobalClusterIdentifier=GLOBAL, MasterUsername="shop", MasterUserPassword="not-a-secret")
        both[region].create_db_instance(
            DBInstanceIdentifier=f"{CLUSTER}-1",
            DBClusterIdentifier=CLUSTER,
            Engine="aurora-mysql",
            DBInstanceClass="db.r6g.large",
        )
        # Only the first look says "creating".
        both[region].describe_db_clusters(DBClusterIdentifier=CLUSTER)


def written_in(cloud: Arranging) -> Any:
    """The Regions in which it is written."""
    found = cloud.client("rds").describe_global_clusters(GlobalClusterIdentifier=GLOBAL)["GlobalClusters"][0]
    return [each["DBClusterArn"].split(":")[3] for each in found["GlobalClusterMembers"] if each["IsWriter"]]
