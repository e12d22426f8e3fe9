"""What moto lacks about Aurora global clusters, answered as AWS would where nothing goes wrong.

moto 5.2.5 neither switches a global cluster over nor fails it over, lists them all whichever is asked for, and gives a
secondary an instance that writes.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from moto.core.responses import ActionResult
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBCluster, GlobalCluster
from moto.rds.responses import RDSResponse


@contextmanager
def whole_global_clusters() -> Iterator[None]:
    """For as long as the block lasts, another Region of a global cluster can be made the one that writes."""
    members = DBCluster.db_cluster_members

    def written(self: DBCluster) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = members.fget(self)  # type: ignore[attr-defined]
        secondary = self.global_cluster_identifier and not self.is_writer
        return [{**each, "IsClusterWriter": False} for each in listed] if secondary else listed

    more = {
        "describe_global_clusters": _describe,
        "failover_global_cluster": _promote,
        "switchover_global_cluster": _promote,
    }
    with ExitStack() as stack:
        stack.enter_context(patch.object(DBCluster, "db_cluster_members", property(written)))
        for name, method in more.items():
            stack.enter_context(patch.object(RDSResponse, name, method, create=True))
        yield


def _describe(self: RDSResponse) -> ActionResult:
    name = self.params.get("GlobalClusterIdentifier")
    found = self.global_backend.describe_global_clusters() if name is None else [_asked(self)]
    return ActionResult({"GlobalClusters": found})


def _promote(self: RDSResponse) -> ActionResult:
    whole, target = _asked(self), self.params["TargetDbClusterIdentifier"]
    if target not in {each.db_cluster_arn for each in whole.members}:
        raise RDSClientError("DBClusterNotFoundFault", f"DBCluster {target} not found")
    for each in whole.members:
        each.is_writer = each.db_cluster_arn == target
    return ActionResult({"GlobalCluster": whole})


def _asked(self: RDSResponse) -> GlobalCluster:
    name = self.params["GlobalClusterIdentifier"]
    found = self.global_backend.global_clusters.get(name)
    if found is None:
        raise RDSClientError("GlobalClusterNotFoundFault", f"Global cluster {name} not found")
    return found
