"""Aurora global clusters in the embedded cloud, which moto alone neither switches over nor fails over."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.demo.embedded import REGION, clients_of

FAR = "us-east-1"


@pytest.fixture(scope="module")
def both(clients: ClientMaker) -> dict[str, Any]:
    """RDS in two Regions, with a global cluster ``world`` that is written far away."""
    made = {FAR: clients_of(region=FAR)("rds", READING), REGION: clients("rds", READING)}
    made[FAR].create_global_cluster(GlobalClusterIdentifier="another", Engine="aurora-mysql")
    made[FAR].create_global_cluster(GlobalClusterIdentifier="world", Engine="aurora-mysql")
    for client in made.values():
        client.create_db_cluster(
            DBClusterIdentifier="member",
            Engine="aurora-mysql",
            GlobalClusterIdentifier="world",
            MasterUsername="shop",
            MasterUserPassword="not-a-secret",
        )
        client.create_db_instance(
            DBInstanceIdentifier="member-1",
            DBClusterIdentifier="member",
            Engine="aurora-mysql",
            DBInstanceClass="db.r6g.large",
        )
    return made


def written(both: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The Regions in which it is written: by the global cluster, and by its members' instances."""
    whole = both[REGION].describe_global_clusters(GlobalClusterIdentifier="world")["GlobalClusters"]
    assert len(whole) == 1
    said = [each["DBClusterArn"].split(":")[3] for each in whole[0]["GlobalClusterMembers"] if each["IsWriter"]]
    found = {
        region: client.describe_db_clusters(DBClusterIdentifier="member")["DBClusters"][0]["DBClusterMembers"]
        for region, client in both.items()
    }
    return said, [region for region, each in found.items() if each[0]["IsClusterWriter"]]


def test_it_is_written_in_one_region_and_another_can_take_over(both: dict[str, Any]) -> None:
    assert written(both) == ([FAR], [FAR])
    for operation, region, more in (
        ("failover_global_cluster", REGION, {"AllowDataLoss": True}),
        ("switchover_global_cluster", FAR, {}),
    ):
        target = f"arn:aws:rds:{region}:123456789012:cluster:member"
        send = getattr(both[region], operation)
        send(GlobalClusterIdentifier="world", TargetDbClusterIdentifier=target, **more)
        assert written(both) == ([region], [region])


@pytest.mark.parametrize(
    ("name", "target", "code"),
    [("world", "arn:aws:rds:eu-west-1:123456789012:cluster:stranger", "DBCluster"), ("nobody", "x", "GlobalCluster")],
)
def test_what_is_not_there_cannot_take_over(both: dict[str, Any], name: str, target: str, code: str) -> None:
    with pytest.raises(ClientError, match=f"{code}NotFound"):
        both[REGION].switchover_global_cluster(GlobalClusterIdentifier=name, TargetDbClusterIdentifier=target)
