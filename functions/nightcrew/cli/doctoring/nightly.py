"""What follows from each day: that the day's job comes, that it kept the last day, and that anchors are locked."""

from collections.abc import Iterator
from datetime import timedelta

from nightcrew.cli.doctoring.finding import Finding, ok, problem, warning
from nightcrew.cli.doctoring.patient import Missing, Patient
from nightcrew.cli.doctoring.working import scheduled
from nightcrew.ledger.roots import last_due, start

JOB = timedelta(hours=1)
"""How long the day's job may take, once a day is due."""

_S3 = "s3://"


def job(patient: Patient) -> Iterator[Finding]:
    """It is called each night."""
    schedule, without = patient.resource("DigestFunctionEachNight"), "no day is kept, and no digest sent"
    found = scheduled(patient, schedule, without, "DigestFunction", "day's job")
    yield from found or [ok("its job is called each night")]


def kept(patient: Patient) -> Iterator[Finding]:
    """It kept the last day that is over."""
    day = last_due(patient.clock.now() - JOB)
    made = patient.described.get("CreationTime")
    if made is not None and made >= start(day + timedelta(days=1)):
        yield ok("no day is over since the stack was made")
        return
    key = {"key": {"S": f"day#{day}#0"}}
    item = patient.ask("dynamodb", "GetItem", TableName=patient.output("StateTable"), Key=key).get("Item", {})
    if "text" in item:
        yield ok(f"{day} is kept")
        return
    call = f"aws lambda invoke --function-name {patient.resource('DigestFunction')} out.json"
    yield warning(
        f"{day} is not kept: its job did not come, or failed, and its log says why", "once that is mended:", call
    )


def locked(patient: Patient) -> Iterator[Finding]:
    """What is anchored cannot be replaced or deleted before its time."""
    where = patient.outputs.get("Anchors")
    if where is None:
        yield ok("none: the ledger can be verified as consistent, not as untampered (docs/evidence.md)")
        return
    bucket = where.removeprefix(_S3).partition("/")[0]
    try:
        found = patient.ask("s3", "GetObjectLockConfiguration", Bucket=bucket)["ObjectLockConfiguration"]
    except Missing as gone:
        said = f"{where} does not lock what is written: {gone}"
        yield problem(said, "Object Lock is for versioned buckets: enable both, or name another AnchorBucket")
        return
    rule = found.get("Rule", {}).get("DefaultRetention")
    beside = f", {rule['Mode'].lower()}" if rule else ""
    yield ok(f"{where} is under Object Lock{beside}")
