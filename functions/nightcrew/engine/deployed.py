"""A deployed installation, wired from a function's environment when it is first asked for, not at import.

===============================  ==================================================================================
``NIGHTCREW_LEDGER``             name of the ledger table
``NIGHTCREW_STATE``              name of the state table
``NIGHTCREW_REMEDIATORS``        ARN of the remediator roles with ``{family}`` in it; the executor assumes one
``NIGHTCREW_READER``             ARN of the role that asks about alarms and groups, as it is named in member accounts
``NIGHTCREW_EXTERNAL_ID``        what the roles of member accounts want to hear
``NIGHTCREW_AUTONOMY``           the most that runs by itself, whatever policy says: observe, suggest, approve, auto
``NIGHTCREW_POLICY_PARAMETER``   name of the SSM parameter with the policy; without it the packaged one holds
``NIGHTCREW_TOPIC``              ARN of the SNS topic for news
``NIGHTCREW_BUS``                name of the event bus for news
``NIGHTCREW_CHAT_TOPIC``         ARN of the SNS topic whose messages chat channels show
``NIGHTCREW_STACK``              name of the stack: the dimension that all of its metrics have
``NIGHTCREW_ANCHORS``            ``s3://BUCKET`` in which the day's job anchors the daily root
``NIGHTCREW_ANCHOR_MODE``        how each anchor is locked: GOVERNANCE, COMPLIANCE
``NIGHTCREW_ANCHOR_DAYS``        for how many days it is locked
``NIGHTCREW_DIGEST_DAY``         the day of the week on which the digest is sent, or NEVER
===============================  ==================================================================================
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_source import PolicySource, checked, parameter
from nightcrew.admission.settings import Level, Setting
from nightcrew.aws.clients import Clients
from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import SystemClock
from nightcrew.engine.counting import counting
from nightcrew.engine.emulated import answerer
from nightcrew.engine.installation import Installation, Recalls, Watch, nobody, nothing_known
from nightcrew.engine.metrics import Meter, through_log, unmetered
from nightcrew.engine.news import AwsNews
from nightcrew.engine.packaged import packaged_catalog, packaged_policy
from nightcrew.engine.policy_trouble import aloud
from nightcrew.engine.ways import Roles, clouds
from nightcrew.errors import Unknown
from nightcrew.ledger.store import Store, Tables, client_config


def house(
    environment: Mapping[str, str],
    watch: Watch = nobody,
    clients: ClientMaker | None = None,
    meter: Meter = unmetered,
    recalls: Recalls = nothing_known,
) -> Callable[[], Installation]:
    """The installation, as it is whenever it is asked for: tables, catalog and clients are made once, the policy is
    that of the moment. So ask once for each message, run or sweep, and not in between. ``meter`` is ``through_log``
    where stdout is a function's log, ``recalls`` says what past runs tell.
    """
    base = installation(environment, watch, clients, meter, recalls)
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
        aloud(base, name),
    )
    latest = [base]

    def current() -> Installation:
        policy = source.current()
        if latest[0].policy is not policy:
            latest[0] = replace(base, policy=policy)
        return latest[0]

    return current


def installation(
    environment: Mapping[str, str],
    watch: Watch = nobody,
    clients: ClientMaker | None = None,
    meter: Meter = unmetered,
    recalls: Recalls = nothing_known,
) -> Installation:
    """Tables, catalog, packaged policy, a way to AWS through the remediator roles, and ways to people and runs."""
    clients, clock, catalog = clients or Clients(), SystemClock(), packaged_catalog()
    for module, why in catalog.broken.items():
        watch("runbook not loaded", {"runbook": module, "words": why})
    tables = Tables(environment["NIGHTCREW_LEDGER"], environment["NIGHTCREW_STATE"])
    store = Store(clients("dynamodb", client_config()), tables, clock, written=counting(meter, watch, catalog))
    topic, bus, chat = (environment.get(f"NIGHTCREW_{name}") for name in ("TOPIC", "BUS", "CHAT_TOPIC"))
    return Installation(
        store,
        catalog,
        _held(packaged_policy(), environment),
        clouds(clients, catalog, roles_of(environment)),
        clock,
        watch,
        answer=answerer(environment, clients),
        news=AwsNews(clients, topic, bus, chat, stack_of(environment)) if topic or bus or chat else nobody,
        meter=meter,
        recalls=recalls,
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


def roles_of(environment: Mapping[str, str]) -> Roles:
    """The roles that a stack has, and its members."""
    names = ("NIGHTCREW_REMEDIATORS", "NIGHTCREW_READER", "NIGHTCREW_EXTERNAL_ID")
    return Roles(*(environment.get(name) or None for name in names))


def metered(environment: Mapping[str, str]) -> Meter:
    """Writes the stack's metrics through the function's log."""
    return through_log(stack_of(environment))


def stack_of(environment: Mapping[str, str]) -> str:
    """What the stack is called."""
    return environment.get("NIGHTCREW_STACK") or "nightcrew"


def required(environment: Mapping[str, str], name: str) -> str:
    """A variable that the template sets. Raises Unknown where it did not."""
    value = environment.get(name)
    if not value:
        raise Unknown(f"the environment has no {name}: the template sets it")
    return value
