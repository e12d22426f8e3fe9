"""The demo's fleet: what runs the checkout of a small shop, by the names that ``events/`` has for it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from moto.dynamodb.models import dynamodb_backends
from moto.ec2.models import instances as moto_instances

from nightcrew.aws.cloud import READING
from nightcrew.clock import SkippingClock
from nightcrew.demo.embedded import ACCOUNT, IMAGE, REGION
from nightcrew.demo.estate import Estate
from nightcrew.demo.gameday import ARN, INSTANCE, have_game_day
from nightcrew.demo.moto_time import moto_by
from nightcrew.demo.scripted import Scripted

Client = Callable[[str], Any]
"""From a service's name to a boto3 client of the place where something is to be made."""

TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/checkout-orders"
ORDERS = 2_000
LOST = 1_824
"""As many as ``events/dynamodb-orders-missing.json`` misses."""
AGE = timedelta(days=21)
"""How long the fleet has been there."""

FLEET = (
    f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0abc1234def567890",
    f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0fed9876cba543210",
    ARN,
    f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/checkout-web",
    f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/checkout-worker",
    f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/checkout-batch",
    f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:checkout-db",
    TABLE,
)

_NAMES = {
    "i-0abc1234def567890": "checkout-web-1",
    "i-0fed9876cba543210": "checkout-worker-2",
    INSTANCE: "checkout-web-5",
}
_SIZES = {"checkout-web": (4, 8)}
_OWN = [{"Key": "nightcrew", "Value": "managed"}, {"Key": "service", "Value": "checkout"}]


class Fleet:
    """Makes what an event is about, so that there is something to remedy. What it cannot make it leaves out."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._there: set[str] = set()
        self._lost: datetime | None = None

    def whole(self) -> None:
        """Everything in ``FLEET``."""
        for arn in FLEET:
            self.have(arn)

    def have(self, arn: str) -> bool:
        """See to it that a resource is there; False if the fleet knows nothing of its kind."""
        _, _, service, region, _, path = arn.split(":", 5)
        make = _MAKERS.get(service)
        if make is None:
            return False
        if arn not in self._there:
            clients = self._estate.plain(arn)
            with moto_by(SkippingClock(-AGE)):
                make(lambda name: clients(name, READING), path.replace(":", "/").rsplit("/", 1)[-1], region)
            self._there.add(arn)
        return True

    def lost_orders(self, at: datetime) -> None:
        """Most orders were deleted at that time.

        (They were never written: whoever restores the table to a time before it gets them.)
        """
        self._lost = at

    def as_it_was(self, scripted: Scripted) -> None:
        """Restore the orders that were lost: moto would give the new table what the old one has now."""

        def restored(asked: Mapping[str, Any], answer: dict[str, Any]) -> None:
            del answer
            to = asked.get("RestoreDateTime")
            if self._lost and to and to < self._lost and asked["SourceTableName"] == TABLE.rsplit("/", 1)[-1]:
                # Not by requests of 25 each, which would take as long as all that one sees of the restore.
                target = dynamodb_backends[ACCOUNT][REGION].tables[asked["TargetTableName"]]
                for order in range(LOST):
                    target.put_item(_order(order))

        scripted.after("dynamodb", "RestoreTableToPointInTime", restored)


def _instance(client: Client, name: str, region: str) -> None:
    tags = [*_OWN, {"Key": "Name", "Value": _NAMES.get(name, f"checkout-{name[-4:]}")}]
    with _named(name):
        client("ec2").run_instances(
            ImageId=IMAGE,
            MinCount=1,
            MaxCount=1,
            InstanceType="t3.micro",
            Placement={"AvailabilityZone": f"{region}a"},
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
        )
    if name == INSTANCE:
        have_game_day(client)


def _group(client: Client, name: str, region: str) -> None:
    now, most = _SIZES.get(name, (2, 4))
    template = f"launch-{name}"[:128]
    data = {"ImageId": IMAGE, "InstanceType": "t3.micro"}
    ec2 = client("ec2")
    ec2.create_launch_template(LaunchTemplateName=template, LaunchTemplateData=data)
    zones = ",".join(
        subnet["SubnetId"]
        for subnet in ec2.describe_subnets()["Subnets"]
        if subnet["AvailabilityZone"] in {f"{region}a", f"{region}b"}
    )
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=now // 2,
        MaxSize=most,
        DesiredCapacity=now,
        VPCZoneIdentifier=zones,
        LaunchTemplate={"LaunchTemplateName": template},
        Tags=[{**tag, "PropagateAtLaunch": False} for tag in _OWN],
    )


def _cluster(client: Client, name: str, region: str) -> None:
    rds = client("rds")
    engine = {"Engine": "aurora-postgresql", "DBClusterIdentifier": name}
    rds.create_db_cluster(**engine, MasterUsername="checkout", MasterUserPassword="embedded-cloud", Tags=_OWN)
    for number, zone in enumerate("ab", start=1):
        rds.create_db_instance(
            **engine,
            DBInstanceIdentifier=f"{name}-{number}",
            DBInstanceClass="db.r6g.large",
            AvailabilityZone=f"{region}{zone}",
        )


def _table(client: Client, name: str, region: str) -> None:
    del region
    dynamodb = client("dynamodb")
    made = dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "order", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "order", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        DeletionProtectionEnabled=True,
        Tags=_OWN,
    )["TableDescription"]
    dynamodb.update_time_to_live(
        TableName=made["TableName"], TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    _write(dynamodb, name, range(LOST, ORDERS))


def _write(dynamodb: Any, table: str, orders: range) -> None:
    puts = [{"PutRequest": {"Item": _order(each)}} for each in orders]
    for first in range(0, len(puts), 25):  # as many as one call takes
        dynamodb.batch_write_item(RequestItems={table: puts[first : first + 25]})


def _order(number: int) -> dict[str, Any]:
    return {"order": {"S": f"order-{number:04}"}, "cents": {"N": str(1_000 + 37 * number)}}


_MAKERS = {"ec2": _instance, "autoscaling": _group, "rds": _cluster, "dynamodb": _table}


@contextmanager
def _named(instance: str) -> Iterator[None]:
    """The instance that is made in the block gets this id: moto draws ids by chance, and an event names one."""
    with patch.object(moto_instances, "random_instance_id", lambda: instance):
        yield
