"""What the embedded cloud answers about RDS instances where moto alone would not."""

import pytest
from botocore.exceptions import ClientError
from moto.rds.responses import RDSResponse

from nightcrew.demo.databases import LOOKS, MOST, whole_databases
from tests.house import House
from tests.runbooks.databases import a_database, a_replica, now_of


def states(house: House, name: str) -> list[str]:
    """What the next looks see."""
    return [now_of(house, name)["DBInstanceStatus"] for _ in range(LOOKS + 2)]


def test_a_reboot_leaves_available_and_comes_back(house: House) -> None:
    """As AWS answers the call itself: rebooting."""
    client, name = house.crew.client("rds"), a_database(house)
    answer = client.reboot_db_instance(DBInstanceIdentifier=name)
    assert answer["DBInstance"]["DBInstanceStatus"] == "rebooting"
    assert states(house, name) == ["rebooting"] * LOOKS + ["available"] * 2
    assert now_of(house, name)["AvailabilityZone"] == "eu-west-1a"


def test_a_forced_failover_swaps_the_zones_and_a_second_one_swaps_them_back(house: House) -> None:
    client, name = house.crew.client("rds"), a_database(house, MultiAZ=True)
    for zone, other in (("b", "a"), ("a", "b")):
        client.reboot_db_instance(DBInstanceIdentifier=name, ForceFailover=True)
        seen = now_of(house, name)
        assert (seen["AvailabilityZone"], seen["SecondaryAvailabilityZone"]) == (
            f"eu-west-1{zone}",
            f"eu-west-1{other}",
        )


def test_without_a_standby_a_forced_failover_is_refused(house: House) -> None:
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        house.crew.client("rds").reboot_db_instance(DBInstanceIdentifier=a_database(house), ForceFailover=True)


def test_a_promoted_replica_follows_nobody(house: House) -> None:
    """And its source has no replica."""
    source, replica = a_replica(house)
    assert now_of(house, replica)["ReadReplicaSourceDBInstanceIdentifier"] == source
    house.crew.client("rds").promote_read_replica(DBInstanceIdentifier=replica)
    assert "ReadReplicaSourceDBInstanceIdentifier" not in now_of(house, replica)
    assert now_of(house, source)["ReadReplicaDBInstanceIdentifiers"] == []


def test_nothing_is_due_the_storage_may_grow_and_every_class_is_on_offer(house: House) -> None:
    client, name = house.crew.client("rds"), a_database(house)
    assert client.describe_pending_maintenance_actions()["PendingMaintenanceActions"] == []
    valid = client.describe_valid_db_instance_modifications(DBInstanceIdentifier=name)
    (storage,) = valid["ValidDBInstanceModificationsMessage"]["Storage"]
    assert (storage["StorageType"], storage["StorageSize"]) == ("gp3", [{"From": 100, "To": MOST, "Step": 1}])
    asked = {"Engine": "postgres", "DBInstanceClass": "db.m6g.xlarge"}
    (option,) = client.describe_orderable_db_instance_options(**asked)["OrderableDBInstanceOptions"]
    assert [zone["Name"] for zone in option["AvailabilityZones"]] == [f"eu-west-1{zone}" for zone in "abc"]


def test_afterwards_moto_is_as_it_was() -> None:
    before = dict(vars(RDSResponse))
    with whole_databases():
        assert dict(vars(RDSResponse)) != before
    assert dict(vars(RDSResponse)) == before
