"""The ways to AWS of a deployed Nightcrew: in its own account and Region, and in each other that it looks after.

Where to go says an ARN: a run's resource, or its alarm. The account decides whose roles are taken: they have the same
names everywhere, those of other accounts only for who brings the external id (``template-member.yaml``). The Region is
where the calls are sent to; its roles are the account's, since IAM knows no Regions.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.config import Config

from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.actions import with_dependencies
from nightcrew.aws.calls import Place
from nightcrew.aws.clients import Clients
from nightcrew.aws.cloud import READING, ClientMaker, Cloud
from nightcrew.aws.iam import session_document
from nightcrew.engine.installation import CloudFor


@dataclass(frozen=True)
class Roles:
    """The roles that there may be, as they are named in Nightcrew's own account; in others they are named the same.

    ``remediators`` is an ARN with ``{family}`` in it. ``reader`` is what asks about alarms and groups of other
    accounts: in its own account Nightcrew does that by its functions' own rights. ``external_id`` is what the roles of
    other accounts want to hear; it stands in the functions' environment, and neither in the ledger nor in a log.
    """

    remediators: str | None = None
    reader: str | None = None
    external_id: str | None = None

    def abroad(self, role: str, arn: str) -> bool:
        """Whether this ARN lies in another account than the role named so."""
        return account_of(arn) not in {"", account_of(role)}

    def taken(self, role: str, arn: str) -> dict[str, str]:
        """What AssumeRole wants for the role of this name in the account of this ARN."""
        if not self.abroad(role, arn):
            return {"RoleArn": role}
        here, there = role.split(":"), account_of(arn)
        found = {"RoleArn": ":".join([*here[:4], there, *here[5:]])}
        return {**found, "ExternalId": self.external_id} if self.external_id else found


def clouds(clients: ClientMaker, catalog: Catalog, roles: Roles) -> CloudFor:
    """The way to AWS for a runbook: its family's role, narrowed by a session policy that is made from its declaration
    and its resource. Nightcrew's own questions (is the alarm OK?) only read.
    """

    def cloud(who: str, permissions: Collection[str], resource: str, family: str) -> Cloud:
        if who not in catalog or roles.remediators is None:
            return Cloud(reading(clients, roles, resource, permissions), permissions, who)
        policy = session_document(with_dependencies(tuple(permissions)), catalog[who].own(resource))
        taken = roles.taken(roles.remediators.format(family=family), resource)
        return Cloud(_assumed(clients, taken, who, policy, resource), permissions, who)

    return cloud


def reading(clients: ClientMaker, roles: Roles, arn: str, permissions: Collection[str]) -> ClientMaker:
    """The way to ask about what this ARN names, with no more than these permissions."""
    if roles.reader is not None and roles.abroad(roles.reader, arn):
        return _assumed(clients, roles.taken(roles.reader, arn), "nightcrew", session_document(permissions), arn)
    region = arn.split(":")[3]

    def client(service: str, config: Config, place: Place | None = None) -> Any:
        where = place or (Place(region) if region else None)
        return clients(service, config, where) if where else clients(service, config)

    return client


def asking(clients: ClientMaker, roles: Roles, permissions: Collection[str]) -> Callable[[str], ClientMaker]:
    """The same for many ARNs, for as long as a function's environment lives. Another account's role is taken anew each
    time, since it is lent for an hour only.
    """
    here: dict[str, ClientMaker] = {}

    def at(arn: str) -> ClientMaker:
        if roles.reader is not None and roles.abroad(roles.reader, arn):
            return reading(clients, roles, arn, permissions)
        region = arn.split(":")[3]
        if region not in here:
            here[region] = cache(reading(clients, roles, arn, permissions))
        return here[region]

    return at


def account_of(arn: str) -> str:
    """The account in an ARN, which not every ARN has."""
    return arn.split(":")[4]


def _assumed(clients: ClientMaker, taken: dict[str, str], who: str, policy: str, arn: str) -> ClientMaker:
    made: list[Clients] = []

    def client(service: str, config: Config, place: Place | None = None) -> Any:
        # When it is needed: a replay that sends no call assumes no role.
        if not made:
            # At the STS of Nightcrew's own Region: what it gives holds in all of them, and no other Region is needed.
            answer = clients("sts", READING).assume_role(
                **taken, RoleSessionName=f"nightcrew-{who}"[:64], Policy=policy
            )
            made.append(Clients(arn.split(":")[3] or None, None, answer["Credentials"]))
        return made[0](service, config, place)

    return client
