"""A deployed installation, wired from a function's environment when it is first asked for, not at import.

===============================  ==================================================================================
``NIGHTCREW_LEDGER``             name of the ledger table
``NIGHTCREW_STATE``              name of the state table
``NIGHTCREW_REMEDIATORS``        ARN of the remediator roles with ``{family}`` in it; the executor assumes one
``NIGHTCREW_AUTONOMY``           the most that runs by itself, whatever policy says: observe, suggest, approve, auto
``NIGHTCREW_POLICY_PARAMETER``   name of the SSM parameter with the policy; without it the packaged one holds
``NIGHTCREW_TOPIC``              ARN of the SNS topic for news
``NIGHTCREW_BUS``                name of the event bus for news
===============================  ==================================================================================
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Any

from botocore.config import Config

from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_compiled import from_compiled
from nightcrew.admission.policy_source import PolicySource, checked, parameter
from nightcrew.admission.settings import Level, Setting
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.actions import with_dependencies
from nightcrew.aws.calls import Place
from nightcrew.aws.clients import Clients
from nightcrew.aws.cloud import READING, ClientMaker, Cloud
from nightcrew.aws.iam import policy_document
from nightcrew.clock import SystemClock
from nightcrew.engine.callbacks import Callbacks
from nightcrew.engine.installation import CloudFor, Installation, Watch, nobody
from nightcrew.engine.news import AwsNews
from nightcrew.engine.policy_trouble import aloud, counted
from nightcrew.errors import Unknown
from nightcrew.ledger.store import Store, Tables, client_config


def house(
    environment: Mapping[str, str],
    watch: Watch = nobody,
    clients: ClientMaker | None = None,
    count: Callable[[], None] = counted,
) -> Callable[[], Installation]:
    """The installation, as it is whenever it is asked for: tables, catalog and clients are made once, the policy is
    that of the moment. So ask once for each message, run or sweep, and not in between. ``count`` counts trouble with
    the policy.
    """
    base = installation(environment, watch, clients)
    name = environment.get("NIGHTCREW_POLICY_PARAMETER")
    if not name:
        return lambda: base
    check = checked(name, base.catalog)
    source = PolicySource(
        name,
        parameter(clients or Clients()),
        lambda text: _held(check(text), environment),
        base.clock,
        base.policy,
        aloud(base, name, count),
    )
    latest = [base]

    def current() -> Installation:
        policy = source.current()
        if latest[0].policy is not policy:
            latest[0] = replace(base, policy=policy)
        return latest[0]

    return current


def installation(
    environment: Mapping[str, str], watch: Watch = nobody, clients: ClientMaker | None = None
) -> Installation:
    """Tables, catalog, packaged policy, a way to AWS through the remediator roles, and ways to people and runs."""
    clients, clock, catalog = clients or Clients(), SystemClock(), Catalog.load()
    for module, why in catalog.broken.items():
        watch("runbook not loaded", {"runbook": module, "words": why})
    tables = Tables(environment["NIGHTCREW_LEDGER"], environment["NIGHTCREW_STATE"])
    store = Store(clients("dynamodb", client_config()), tables, clock)
    roles = environment.get("NIGHTCREW_REMEDIATORS")
    topic, bus = environment.get("NIGHTCREW_TOPIC"), environment.get("NIGHTCREW_BUS")
    return Installation(
        store,
        catalog,
        _held(packaged_policy(), environment),
        clouds(clients, catalog, roles),
        clock,
        watch,
        answer=Callbacks(clients),
        news=AwsNews(clients, topic, bus) if topic or bus else nobody,
    )


def _held(policy: Policy, environment: Mapping[str, str]) -> Policy:
    """The policy under what the stack was deployed with. Raises Unknown for a level that there is not."""
    text = environment.get("NIGHTCREW_AUTONOMY")
    if not text:
        return policy
    try:
        level = Level(text)
    except ValueError as error:
        raise Unknown(f"NIGHTCREW_AUTONOMY is {text!r}: one of {', '.join(map(str, Level))}") from error
    return replace(policy, ceiling=Setting(level, f"the stack is deployed with Autonomy={level}"))


def packaged_policy() -> Policy:
    """The policy in the package: compiled when the functions were built, so that a cold start needs no validator.

    Where only the YAML is there (a checkout), it is checked now.
    """
    package = files("runbooks")
    built = package / "policy.json"
    if built.is_file():
        return from_compiled(built.read_text())
    from nightcrew.admission.policy_file import load

    return load((package / "policy.yaml").read_text(), "policy.yaml")


def clouds(clients: ClientMaker, catalog: Catalog, roles: str | None) -> CloudFor:
    """The way to AWS for a runbook: its family's role, narrowed by a session policy made from its declaration.

    Nightcrew's own questions (is the alarm OK?) go with the function's own role.
    """

    def cloud(who: str, permissions: Collection[str], resource: str, family: str) -> Cloud:
        if who not in catalog or roles is None:
            return Cloud(clients, permissions, who)
        return Cloud(_assumed(clients, roles.format(family=family), who, permissions, resource), permissions, who)

    return cloud


def _assumed(clients: ClientMaker, role: str, who: str, permissions: Collection[str], resource: str) -> ClientMaker:
    made: list[Clients] = []

    def client(service: str, config: Config, place: Place | None = None) -> Any:
        # When it is needed: a replay that sends no call assumes no role.
        if not made:
            policy = policy_document(with_dependencies(tuple(permissions)))
            answer = clients("sts", READING).assume_role(
                RoleArn=role, RoleSessionName=f"nightcrew-{who}"[:64], Policy=policy
            )
            made.append(Clients(resource.split(":")[3] or None, None, answer["Credentials"]))
        return made[0](service, config, place)

    return client


def required(environment: Mapping[str, str], name: str) -> str:
    """A variable that the template sets. Raises Unknown where it did not."""
    value = environment.get(name)
    if not value:
        raise Unknown(f"the environment has no {name}: the template sets it")
    return value
