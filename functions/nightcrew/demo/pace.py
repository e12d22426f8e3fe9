"""The time that AWS takes, where moto is done at once: what was asked for is seen to happen on the demo's clock.

How long each takes is made up, as it may be on a usual day. What is seen meanwhile is what AWS's own pages say: states
of instances (EC2 user guide), lifecycle of a group's instances (Auto Scaling user guide), a cluster that is failing
over (Aurora user guide), a table that is being restored (DynamoDB developer guide).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from nightcrew.clock import Clock
from nightcrew.demo.scripted import Scripted

STOPPING = timedelta(seconds=38)
BOOTING = timedelta(seconds=12)
CHECKED = timedelta(seconds=105)
LAUNCHING = timedelta(seconds=55)
PROMOTING = timedelta(seconds=22)
REJOINING = timedelta(seconds=50)
RESTORING = timedelta(minutes=4)
RECOVERABLE = timedelta(minutes=5)
"""How far the last time to which a table can be restored lies back (DynamoDB developer guide)."""

Answer = dict[str, Any]
Asked = Mapping[str, Any]


class Pace:
    """Remembers when a change was made, and shows it as under way until its time has passed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made: dict[str, datetime] = {}
        self._members: dict[str, set[str]] = {}
        """The instances of a group, before it was changed."""
        self._writers: dict[str, str] = {}
        """The writer of a cluster, before it failed over."""
        self._as_of: dict[str, datetime] = {}
        """The time to which a table was restored."""

    def __call__(self, scripted: Scripted) -> None:
        """Follow what these clients change, and slow down what they see."""
        on = scripted.after
        on("ec2", "StopInstances", lambda asked, _: self._note("stop", *asked["InstanceIds"]))
        on("ec2", "StartInstances", lambda asked, _: self._note("start", *asked["InstanceIds"]))
        on("ec2", "DescribeInstances", self._instances)
        on("ec2", "DescribeInstanceStatus", self._checks)
        on("autoscaling", "UpdateAutoScalingGroup", lambda asked, _: self._note("group", asked["AutoScalingGroupName"]))
        on("autoscaling", "DescribeAutoScalingGroups", self._groups)
        on("autoscaling", "DescribeScalingActivities", self._activities)
        on("rds", "FailoverDBCluster", lambda asked, _: self._note("failover", asked["DBClusterIdentifier"]))
        on("rds", "DescribeDBClusters", self._clusters)
        on("rds", "DescribeDBInstances", self._databases)
        on("dynamodb", "RestoreTableToPointInTime", self._restore)
        on("dynamodb", "DescribeTable", self._table)
        on("dynamodb", "DescribeContinuousBackups", self._backups)

    def _note(self, what: str, *names: str) -> None:
        for name in names:
            self._made[f"{what} {name}"] = self._clock.now()

    def _within(self, length: timedelta, what: str, name: str) -> bool:
        made = self._made.get(f"{what} {name}")
        return made is not None and self._clock.now() - made < length

    def _instances(self, asked: Asked, answer: Answer) -> None:
        del asked
        for instance in (each for one in answer["Reservations"] for each in one["Instances"]):
            name, state = instance["InstanceId"], instance["State"]
            if state["Name"] == "stopped" and self._within(STOPPING, "stop", name):
                state.update(Name="stopping", Code=64)
            elif state["Name"] == "running" and self._within(BOOTING, "start", name):
                state.update(Name="pending", Code=0)

    def _checks(self, asked: Asked, answer: Answer) -> None:
        del asked
        for status in answer["InstanceStatuses"]:
            if self._within(CHECKED, "start", status["InstanceId"]):
                status["SystemStatus"]["Status"] = status["InstanceStatus"]["Status"] = "initializing"

    def _groups(self, asked: Asked, answer: Answer) -> None:
        del asked
        for group in answer["AutoScalingGroups"]:
            name = group["AutoScalingGroupName"]
            if not self._within(LAUNCHING, "group", name):
                self._members[name] = {each["InstanceId"] for each in group["Instances"]}
            for instance in group["Instances"]:
                if instance["InstanceId"] not in self._members.get(name, ()):
                    instance["LifecycleState"] = "Pending"

    def _activities(self, asked: Asked, answer: Answer) -> None:
        name = str(asked.get("AutoScalingGroupName"))
        if self._within(LAUNCHING, "group", name):
            for activity in answer["Activities"]:
                if activity["Description"].rsplit(" ", 1)[-1] not in self._members.get(name, ()):
                    activity.update(StatusCode="InProgress", Progress=50)
                    activity.pop("EndTime", None)

    def _clusters(self, asked: Asked, answer: Answer) -> None:
        del asked
        for cluster in answer["DBClusters"]:
            name, members = cluster["DBClusterIdentifier"], cluster["DBClusterMembers"]
            if not self._within(PROMOTING, "failover", name):
                self._writers[name] = next((m["DBInstanceIdentifier"] for m in members if m["IsClusterWriter"]), "")
                continue
            cluster["Status"] = "failing-over"
            for member in members:
                member["IsClusterWriter"] = member["DBInstanceIdentifier"] == self._writers.get(name)

    def _databases(self, asked: Asked, answer: Answer) -> None:
        del asked
        for instance in answer["DBInstances"]:
            if self._within(REJOINING, "failover", instance.get("DBClusterIdentifier", "")):
                instance["DBInstanceStatus"] = "rebooting"

    def _restore(self, asked: Asked, answer: Answer) -> None:
        self._note("restore", asked["TargetTableName"])
        self._as_of[asked["TargetTableName"]] = asked.get("RestoreDateTime", self._clock.now() - RECOVERABLE)
        self._restored(asked["TargetTableName"], answer["TableDescription"])

    def _table(self, asked: Asked, answer: Answer) -> None:
        self._restored(asked["TableName"], answer["Table"])

    def _restored(self, name: str, table: dict[str, Any]) -> None:
        if name in self._as_of:
            # moto tells the time of the restore, where AWS tells the one that was asked for.
            table["RestoreSummary"]["RestoreDateTime"] = self._as_of[name]
        if self._within(RESTORING, "restore", name):
            table["TableStatus"] = "CREATING"
            table["RestoreSummary"]["RestoreInProgress"] = True

    def _backups(self, asked: Asked, answer: Answer) -> None:
        del asked
        recovery = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription") or {}
        if "LatestRestorableDateTime" in recovery:
            # moto tells the moment at which it was turned on, for both; the fleet is older than the demo.
            recovery["LatestRestorableDateTime"] = self._clock.now().replace(microsecond=0) - RECOVERABLE
            recovery["EarliestRestorableDateTime"] = recovery["LatestRestorableDateTime"] - timedelta(days=14)
