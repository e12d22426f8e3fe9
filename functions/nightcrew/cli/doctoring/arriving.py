"""The way in: rules, queue, dead letters, and the mapping by which intake takes from the queue."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from nightcrew.cli.doctoring.finding import PUT_BACK, Finding, ok, problem, warning
from nightcrew.cli.doctoring.patient import Missing, Patient

RULES = ("AlarmRule", "EventRule", "ForwardedAlarmRule", "ForwardedEventRule")
"""As the template names them."""

MANY = 1_000
"""Messages that wait at once; intake takes ten at a time, in 16 environments at most."""


def rules(patient: Patient) -> Iterator[Finding]:
    """Alarms and events go into the queue."""
    queue = patient.queue("AlarmQueue")
    well = []
    for logical in RULES:
        name = patient.resource(logical)
        found = list(_rule(patient, logical, name, queue))
        yield from found
        well += [] if found else [logical]
    if well:
        yield ok(f"{', '.join(well)}: enabled, into the queue")


def _rule(patient: Patient, logical: str, name: str, queue: Mapping[str, str]) -> Iterator[Finding]:
    own = name.rpartition("|")[2]  # CloudFormation's name of a rule on a bus has the bus before it
    bus = patient.resource("ForwardedBus").rpartition("/")[2] if logical.startswith("Forwarded") else ""
    place = {"EventBusName": bus} if bus else {}
    try:
        rule = patient.ask("events", "DescribeRule", Name=own, **place)
    except Missing:
        yield problem(f"the rule {own} ({logical}) is not there", PUT_BACK)
        return
    if rule["State"] == "DISABLED":
        on = f"aws events enable-rule --name {own}{f' --event-bus-name {bus}' if bus else ''}"
        yield problem(f"the rule {own} ({logical}) is disabled: nothing comes in by it", on)
    targets = patient.ask("events", "ListTargetsByRule", Rule=own, **place)["Targets"]
    if queue["QueueArn"] not in {each["Arn"] for each in targets}:
        yield problem(f"the rule {own} ({logical}) does not send to the queue", PUT_BACK)
    elif not _may_send(queue.get("Policy"), str(rule["Arn"])):
        yield problem(f"the queue does not take what the rule {own} ({logical}) sends: its policy", PUT_BACK)


def _may_send(policy: str | None, rule: str) -> bool:
    """Whether the queue's policy lets EventBridge send for this rule, as the template has it."""
    for each in json.loads(policy or "{}").get("Statement", ()):
        principal = each.get("Principal")
        services = _listed(principal.get("Service", ())) if isinstance(principal, Mapping) else []
        for_rules = _listed(each.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn", [rule]))
        if each["Effect"] == "Allow" and "events.amazonaws.com" in services and rule in for_rules:
            return True
    return False


def queues(patient: Patient) -> Iterator[Finding]:
    """Messages do not pile up, and nothing was given up."""
    alarms = patient.queue("AlarmQueue")
    waiting, taken = (int(alarms[f"ApproximateNumberOfMessages{each}"]) for each in ("", "NotVisible"))
    if waiting >= MANY:
        look = "a storm of alarms, or intake does not take them: see what is said of intake, and its log"
        yield warning(f"{waiting} messages wait for intake", look)
    else:
        yield ok(f"{_count(waiting, 'message')} for intake wait, {taken} are being answered")


def dead_letters(patient: Patient) -> Iterator[Finding]:
    """Nothing waits that was given up."""
    told = {"AlarmDeadLetters": ("alarm", "answered", "intake"), "RunDeadLetters": ("run", "carried out", "executor")}
    dead = False
    for output, (what, done, who) in told.items():
        letters = int(patient.queue(output)["ApproximateNumberOfMessages"])
        if letters:
            dead = True
            first = f"mend the cause first: the log of the {who} says it; then"
            yield problem(f"{_count(letters, what)} could not be {done}", first, f"{patient.command} redrive")
    if not dead:
        yield ok("no dead letters")


def intake(patient: Patient) -> Iterator[Finding]:
    """Intake takes from the queue."""
    mapping = patient.resource("IntakeFunctionAlarms")
    try:
        found = patient.ask("lambda", "GetEventSourceMapping", UUID=mapping)
    except Missing:
        yield problem("nothing takes from the queue: intake's event source mapping is not there", PUT_BACK)
        return
    state = str(found.get("State", "?"))
    if state in ("Disabled", "Disabling"):
        on = f"aws lambda update-event-source-mapping --uuid {mapping} --enabled"
        yield problem(f"intake does not take from the queue: its event source mapping is {state.lower()}", on)
    elif found.get("EventSourceArn") != patient.queue("AlarmQueue")["QueueArn"]:
        yield problem("intake takes from another queue than the one that the stack names", PUT_BACK)
    else:
        yield ok("takes from the queue")
    wrong = failing(patient, patient.resource("IntakeFunction"), "intake")
    yield from wrong


def failing(patient: Patient, function: str, who: str, **qualified: str) -> list[Finding]:
    """What is wrong with a function as Lambda keeps it; ``Inactive`` only says that nobody asked for weeks."""
    try:
        found = patient.ask("lambda", "GetFunctionConfiguration", FunctionName=function, **qualified)
    except Missing:
        return [problem(f"the function of the {who} is not there", PUT_BACK)]
    if found.get("State", "Active") in ("Failed", "Pending") or found.get("LastUpdateStatus") == "Failed":
        why = found.get("StateReason") or found.get("LastUpdateStatusReason") or "Lambda says no reason"
        return [problem(f"the function of the {who} cannot run: {why}", "mend that; then it runs by itself")]
    return []


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
