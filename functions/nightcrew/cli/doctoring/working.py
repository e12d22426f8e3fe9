"""Who works: the executor behind its alias, and the sweeper each minute."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from nightcrew.cli.doctoring.arriving import failing
from nightcrew.cli.doctoring.finding import PUT_BACK, Finding, ok, problem
from nightcrew.cli.doctoring.patient import Missing, Patient
from nightcrew.cli.times import whole
from nightcrew.clock import since_epoch
from nightcrew.durations import in_words

QUIET = timedelta(minutes=10)
"""The sweeper's log is never empty for so long: Lambda writes of each start."""

_PAGES = 10
"""Of the log that are asked for; one without a line may be followed by one with some."""


def executor(patient: Patient) -> Iterator[Finding]:
    """Runs are started through an alias, on a version that stays, as durable executions."""
    alias = patient.output("Executor")
    function, _, name = alias.rpartition(":")
    try:
        found = patient.ask("lambda", "GetAlias", FunctionName=function, Name=name)
    except Missing:
        yield problem(f"the executor has no alias {name}: no run can be started", PUT_BACK)
        return
    version = str(found["FunctionVersion"])
    if not version.isdecimal():
        said = f"the alias {name} points to {version}: a run would be carried on by other code than began it"
        yield problem(said, PUT_BACK)
        return
    wrong = failing(patient, function, "executor", Qualifier=name)
    if wrong:
        yield from wrong
        return
    settings = patient.ask("lambda", "GetFunctionConfiguration", FunctionName=function, Qualifier=name)
    yield _durable(version, settings.get("DurableConfig") or {})


def _durable(version: str, durable: Any) -> Finding:
    if not durable.get("ExecutionTimeout"):
        said = f"version {version} is no durable function: a run would end with its first invocation"
        make = "a function is made durable only when it is created: take it out of the stack, deploy, put it back"
        return problem(said, make)
    longest = in_words(timedelta(seconds=durable["ExecutionTimeout"]))
    kept = durable.get("RetentionPeriodInDays", "?")
    return ok(f"version {version}, durable: a run may last {longest}, its execution is kept for {kept} days")


def sweeper(patient: Patient) -> Iterator[Finding]:
    """It is called each minute."""
    schedule = patient.resource("SweepFunctionEachMinute")
    found = scheduled(patient, schedule, "nothing is swept", "SweepFunction", "sweeper")
    yield from found or [ok("called each minute")]


def scheduled(patient: Patient, name: str, without: str, function: str, who: str) -> list[Finding]:
    """What is wrong with the schedule ``name`` and the function that it calls; ``without`` says what follows."""
    try:
        rule = patient.ask("events", "DescribeRule", Name=name)
    except Missing:
        return [problem(f"the schedule {name} is not there: {without}", PUT_BACK)]
    if rule["State"] == "DISABLED":
        return [problem(f"the schedule {name} is disabled: {without}", f"aws events enable-rule --name {name}")]
    return failing(patient, patient.resource(function), who)


def swept(patient: Patient) -> Iterator[Finding]:
    """It did sweep."""
    group = patient.resource("SweepLogs")
    now = patient.clock.now()
    asked = {"logGroupName": group, "startTime": int((now - QUIET).timestamp() * 1000)}
    last = None
    after: dict[str, str] = {}
    for _ in range(_PAGES):
        page = patient.ask("logs", "FilterLogEvents", **asked, **after)
        last = max([*(int(each["timestamp"]) for each in page["events"]), *([last] if last else [])], default=None)
        if not page.get("nextToken"):
            break
        after = {"nextToken": page["nextToken"]}
    if last is None:
        look = f"its own log, if there is one, is {group}; Lambda's console tells of throttles and errors"
        yield problem(f"the sweeper has not run for {in_words(QUIET)}", look)
        return
    yield ok(f"last at {whole(since_epoch(last))}")
