"""What moto lacks about Aurora clusters that are restored and renamed, answered as AWS would where nothing goes wrong.

moto 5.2.5 gives each cluster an endpoint of its own making, where AWS has one domain for an account and Region, so that
a name has the same address whoever bears it; restores with the source's maintenance window, and a snapshot with its
protection from deletion; and leaves the instances of a renamed cluster behind.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.rds.models import DBCluster, RDSBackend

from nightcrew.demo.completing import with_methods


@contextmanager
def whole_clusters() -> Iterator[None]:
    """For as long as the block lasts, moto's clusters are restored and renamed with what belongs to them."""
    to_a_time = RDSBackend.restore_db_cluster_to_point_in_time
    from_snapshot = RDSBackend.restore_db_cluster_from_snapshot
    modify = RDSBackend.modify_db_cluster

    def restored_to_a_time(self: RDSBackend, **asked: Any) -> DBCluster:
        made = to_a_time(self, **asked)
        made.preferred_maintenance_window = _WINDOW
        return made

    def restored(self: RDSBackend, from_snapshot_id: str, overrides: dict[str, Any]) -> DBCluster:
        made = from_snapshot(self, from_snapshot_id, overrides)
        made.deletion_protection = bool(overrides.get("deletion_protection"))
        made.preferred_maintenance_window = _WINDOW
        return made

    def modified(self: RDSBackend, kwargs: dict[str, Any]) -> DBCluster:
        members = self.clusters[kwargs["db_cluster_identifier"]].members
        answer = modify(self, kwargs)
        for each in members:
            each.db_cluster_identifier = each.cluster.db_cluster_identifier
        return answer

    names: dict[str, Callable[..., Any]] = {
        "modify_db_cluster": modified,
        "restore_db_cluster_from_snapshot": restored,
        "restore_db_cluster_to_point_in_time": restored_to_a_time,
    }
    with with_methods(RDSBackend, names), patch.object(DBCluster, "url_identifier", _DOMAIN, create=True):
        yield


_WINDOW = "mon:22:00-mon:22:30"
"""As AWS would choose one."""


def _stays_as_it_is(self: DBCluster, value: str) -> None:
    del self, value


_DOMAIN = property(lambda self: f"embedded{self.account_id[-4:]}", _stays_as_it_is)
"""Of all clusters of an account: what moto makes up for each is not taken."""
