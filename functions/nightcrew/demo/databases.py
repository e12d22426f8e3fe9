"""What moto lacks about RDS instances, answered as AWS would where nothing goes wrong.

moto 5.2.5 reboots without leaving "available", knows no standby, so that a forced failover moves nothing, leaves a
promoted replica its source, restores with the source's protection from deletion, and has no maintenance, no valid
modifications and hardly an orderable class.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from moto.core.responses import ActionResult
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBInstance
from moto.rds.responses import RDSResponse

LOOKS = 4
"""How many looks at a rebooting instance see it reboot: a process that is killed looks again."""

_LEFT, _STANDBY = "looks_left", "secondary_availability_zone"
"""Attributes of moto's instances: the second one is answered as SecondaryAvailabilityZone."""

MOST = 65536
"""GiB (RDS user guide, "Amazon RDS DB instance storage")."""


@contextmanager
def whole_databases() -> Iterator[None]:
    """For as long as the block lasts, moto's instances reboot, fail over, and stop replicating when promoted."""
    restores = ("restore_db_instance_from_db_snapshot", "restore_db_instance_to_point_in_time")
    kept = {name: getattr(RDSResponse, name) for name in ("describe_db_instances", "promote_read_replica", *restores)}

    def describe(self: RDSResponse) -> Any:
        answer = kept["describe_db_instances"](self)
        for one in self.backend.databases.values():
            state = vars(one)
            left = state.pop(_LEFT, 0)
            if one.status == "rebooting" and not left:
                one.status = "available"
            if left > 1:
                state[_LEFT] = left - 1
        return answer

    def promote(self: RDSResponse) -> Any:
        one = self.backend.databases[self.params["DBInstanceIdentifier"]]
        source = self.backend.databases.get(one.source_db_instance_identifier or "")
        if source is not None and one.db_instance_identifier in source.replicas:
            source.remove_replica(one)
        answer = kept["promote_read_replica"](self)
        one.source_db_instance_identifier = None
        return answer

    def restoring(name: str) -> Any:
        def restore(self: RDSResponse) -> Any:
            answer = kept[name](self)
            made = self.params.get("TargetDBInstanceIdentifier") or self.params["DBInstanceIdentifier"]
            self.backend.databases[made].deletion_protection = bool(self.params.get("DeletionProtection"))
            return answer

        return restore

    more = {
        **{name: restoring(name) for name in restores},
        "describe_db_instances": describe,
        "promote_read_replica": promote,
        "reboot_db_instance": _reboot,
        "describe_pending_maintenance_actions": _no_maintenance,
        "describe_valid_db_instance_modifications": _modifications,
        "describe_orderable_db_instance_options": _options,
    }
    with ExitStack() as stack:
        for name, method in more.items():
            stack.enter_context(patch.object(RDSResponse, name, method, create=True))
        yield


def _reboot(self: RDSResponse) -> ActionResult:
    one = self.backend.describe_db_instances(self.params["DBInstanceIdentifier"])[0]
    if self.params.get("ForceFailover"):
        if not one.multi_az:
            raise RDSClientError("InvalidParameterCombination", "there is no standby to fail over to")
        there, vars(one)[_STANDBY] = standby(one), one.availability_zone
        one.availability_zone = there
    one.status, vars(one)[_LEFT] = "rebooting", LOOKS
    return ActionResult({"DBInstance": one})


def standby(one: DBInstance) -> str:
    """The zone of its standby: once it has failed over, the zone from which it came."""
    there = "b" if one.availability_zone.endswith("a") else "a"
    return str(vars(one).get(_STANDBY) or f"{one.region}{there}")


def _no_maintenance(self: RDSResponse) -> ActionResult:
    del self
    return ActionResult({"PendingMaintenanceActions": []})


def _modifications(self: RDSResponse) -> ActionResult:
    one = self.backend.describe_db_instances(self.params["DBInstanceIdentifier"])[0]
    sizes = [{"From": one.allocated_storage, "To": MOST, "Step": 1}]
    storage = [{"StorageType": one.storage_type, "StorageSize": sizes}]
    return ActionResult({"ValidDBInstanceModificationsMessage": {"Storage": storage}})


def _options(self: RDSResponse) -> ActionResult:
    asked = ("Engine", "EngineVersion", "DBInstanceClass")
    zones = [{"Name": f"{self.region}{zone}"} for zone in "abc"]
    option = {**{name: self.params.get(name) for name in asked}, "AvailabilityZones": zones}
    return ActionResult({"OrderableDBInstanceOptions": [option]})
