"""Aurora clusters in the embedded cloud, for the tests of the runbooks about them."""

import itertools
from typing import Any

from tests.house import House

_numbers = itertools.count(1)


def a_cluster(house: House, *, zones: str = "abc", engine: str = "aurora-mysql") -> str:
    """A cluster of a test's own: for each zone an instance ``<cluster>-<zone>``; the first writes."""
    name, client = f"shop-{next(_numbers)}", house.crew.client("rds")
    client.create_db_cluster(
        DBClusterIdentifier=name,
        Engine=engine,
        MasterUsername="shop",
        MasterUserPassword="not-a-secret",
        **({} if engine.startswith("aurora") else {"DBClusterInstanceClass": "db.m5d.large", "AllocatedStorage": 100}),
    )
    for tier, (place, zone) in enumerate(enumerate(zones)):
        client.create_db_instance(
            DBInstanceIdentifier=f"{name}-{zone}{place if zones.count(zone) > 1 else ''}",
            DBClusterIdentifier=name,
            Engine=engine,
            DBInstanceClass="db.r6g.large",
            AvailabilityZone=f"eu-west-1{zone}",
            PromotionTier=tier,
        )
    # Only the first look says "creating".
    client.describe_db_clusters(DBClusterIdentifier=name)
    return name


def described(house: House, cluster: str, **otherwise: Any) -> dict[str, Any]:
    """The cluster's answer as it is now, but for these members."""
    answer = house.crew.client("rds").describe_db_clusters(DBClusterIdentifier=cluster)
    return {"DBClusters": [{**answer["DBClusters"][0], **otherwise}]}


def listed(house: House, cluster: str, **statuses: str) -> dict[str, Any]:
    """The answer about its instances, these with another status: ``b="rebooting"``."""
    given = [{"Name": "db-cluster-id", "Values": [cluster]}]
    answer = house.crew.client("rds").describe_db_instances(Filters=given)
    found = [dict(each) for each in answer["DBInstances"]]
    for each in found:
        each["DBInstanceStatus"] = statuses.get(each["DBInstanceIdentifier"][-1], each["DBInstanceStatus"])
    return {"DBInstances": found}


def writer(house: House, cluster: str) -> str:
    """The zone's letter of the instance that writes, in the cloud itself."""
    members = described(house, cluster)["DBClusters"][0]["DBClusterMembers"]
    (found,) = [each["DBInstanceIdentifier"] for each in members if each["IsClusterWriter"]]
    return str(found[-1])
