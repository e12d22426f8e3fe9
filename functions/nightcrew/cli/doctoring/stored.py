"""The two tables: there, shaped as the ledger needs them, and protected as the template has it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nightcrew.cli.doctoring.finding import DEPLOY, Finding, ok, problem
from nightcrew.cli.doctoring.patient import Missing, Patient
from nightcrew.ledger.schema import EXPIRES, definitions
from nightcrew.ledger.store import Tables

_RESTORE = (
    "DynamoDB keeps a backup of a deleted table that had point-in-time recovery, for 35 days: restore it by this name"
)


def shapes(patient: Patient) -> Iterator[Finding]:
    """Both tables are there, active, with their keys and indexes, and cannot be deleted by mistake."""
    for wanted in definitions(_named(patient)):
        name = wanted["TableName"]
        try:
            table = patient.ask("dynamodb", "DescribeTable", TableName=name)["Table"]
        except Missing:
            yield problem(f"the table {name} is not there", _RESTORE, "a new one would begin with an empty history")
            continue
        found = [*_shape(name, table, wanted), *_protection(name, table)]
        yield from found or [ok(f"{name}: active, keys and indexes as they should be, protected from deletion")]


def backups(patient: Patient) -> Iterator[Finding]:
    """Both can be put back to any second of the last weeks."""
    for name in _names(patient):
        reply = patient.ask("dynamodb", "DescribeContinuousBackups", TableName=name)["ContinuousBackupsDescription"]
        if reply.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED":
            yield ok(f"{name}: point-in-time recovery is on")
            continue
        switch = "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
        yield problem(
            f"{name}: point-in-time recovery is off",
            f"aws dynamodb update-continuous-backups --table-name {name} {switch}",
        )


def expiry(patient: Patient) -> Iterator[Finding]:
    """What is over leaves the state table by itself."""
    name = patient.output("StateTable")
    found = patient.ask("dynamodb", "DescribeTimeToLive", TableName=name)["TimeToLiveDescription"]
    if found.get("TimeToLiveStatus") in ("ENABLED", "ENABLING") and found.get("AttributeName") == EXPIRES:
        yield ok(f"{name}: what has expired is deleted")
        return
    switch = f"--time-to-live-specification Enabled=true,AttributeName={EXPIRES}"
    yield problem(
        f"{name}: what has expired is not deleted (time to live on {EXPIRES} is off)",
        f"aws dynamodb update-time-to-live --table-name {name} {switch}",
    )


def _named(patient: Patient) -> Tables:
    return Tables(patient.output("LedgerTable"), patient.output("StateTable"))


def _names(patient: Patient) -> tuple[str, str]:
    tables = _named(patient)
    return tables.ledger, tables.state


def _shape(name: str, table: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[Finding]:
    status = table["TableStatus"]
    if status not in ("ACTIVE", "UPDATING"):
        yield problem(f"{name} is {status.lower()}", "nothing is admitted until it is active")
    if _keys(table["KeySchema"]) != _keys(wanted["KeySchema"]):
        said = f"{name} has the keys {_words(table)}, and not {_words(wanted)}"
        yield problem(said, "another table has this name: look which one the stack's output names")
    there = {each["IndexName"]: each for each in table.get("GlobalSecondaryIndexes", ())}
    for index in wanted["GlobalSecondaryIndexes"]:
        yield from _index(name, there.get(index["IndexName"]), index)


def _index(name: str, there: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> Iterator[Finding]:
    said = f"{name}: the index {wanted['IndexName']}"
    if there is None:
        yield problem(f"{said} is not there", DEPLOY)
        return
    lacks = set(wanted["Projection"]["NonKeyAttributes"]) - set(there["Projection"].get("NonKeyAttributes", ()))
    if _keys(there["KeySchema"]) != _keys(wanted["KeySchema"]) or lacks:
        yield problem(f"{said} is not the one of this version", DEPLOY)
    elif there.get("IndexStatus", "ACTIVE") not in ("ACTIVE", "UPDATING"):
        yield problem(f"{said} is {there['IndexStatus'].lower()}", "wait until it is active: it answers nothing yet")


def _protection(name: str, table: Mapping[str, Any]) -> Iterator[Finding]:
    if not table.get("DeletionProtectionEnabled"):
        switch = f"aws dynamodb update-table --table-name {name} --deletion-protection-enabled"
        yield problem(f"{name}: anybody who may could delete it (deletion protection is off)", switch)


def _keys(schema: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {each["AttributeName"]: each["KeyType"] for each in schema}


def _words(table: Mapping[str, Any]) -> str:
    return ", ".join(_keys(table["KeySchema"]))
