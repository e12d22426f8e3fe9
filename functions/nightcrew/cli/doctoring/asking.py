"""Who asks: this machine's clock, and what the caller may do in the stack, as IAM's simulation has it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nightcrew.cli.caller import TOO_FAR, ahead
from nightcrew.cli.doctoring.finding import Finding, ok, unknown, warning
from nightcrew.cli.doctoring.patient import Patient


@dataclass(frozen=True)
class Right:
    """An action on one of the stack's things; ``key`` is that of an item, where a policy limits the items."""

    action: str
    on: str
    key: str = ""


RIGHTS: Mapping[str, tuple[Right, ...]] = {
    "ViewerAccess": (
        Right("dynamodb:GetItem", "ledger"),
        Right("dynamodb:Query", "ledger"),
        Right("dynamodb:BatchGetItem", "state"),
        Right("dynamodb:GetItem", "state"),
    ),
    "OperatorAccess": (
        Right("dynamodb:PutItem", "ledger"),
        Right("dynamodb:UpdateItem", "state", "lock#example"),
        Right("lambda:InvokeFunction", "executor"),
    ),
    "ApproverAccess": (Right("dynamodb:UpdateItem", "state", "approval#example"),),
}
"""What shows that somebody has one of the stack's policies for people, or as much; not all that is in it."""

_WORDS = {"ViewerAccess": "look", "OperatorAccess": "start and cancel", "ApproverAccess": "approve"}


def clock(patient: Patient) -> Iterator[Finding]:
    """This machine's clock tells AWS's time."""
    off = ahead(patient.ask("sts", "GetCallerIdentity"), patient.clock.now())
    if off is None:
        yield unknown("AWS did not say what time it is")
    elif abs(off) > TOO_FAR:
        seconds = round(abs(off).total_seconds())
        said = f"this machine's clock is {seconds} s {'ahead of' if off > TOO_FAR else 'behind'} AWS's"
        yield warning(said, "set it by NTP: AWS refuses what is signed five minutes off")
    else:
        yield ok("as AWS's, within half a minute")


def rights(patient: Patient) -> Iterator[Finding]:
    """Which of the stack's policies for people the caller has, or as much."""
    actor = str(patient.ask("sts", "GetCallerIdentity")["Arn"])
    if actor.endswith(":root"):
        yield warning("you are the account's root user", "use a role: the ledger and CloudTrail then name a person")
        return
    principal = _principal(patient, actor)
    lacks = {name: _lacking(patient, principal, wanted) for name, wanted in RIGHTS.items()}
    may = [_WORDS[name] for name, lacking in lacks.items() if not lacking]
    said = f"{actor.rpartition(':')[2]} may {', '.join(may)}" if may else f"{actor} may do nothing here"
    advice = [
        f"to {_WORDS[name]}: {', '.join(lacking)} is not allowed; {patient.outputs.get(name, name)} has it"
        for name, lacking in lacks.items()
        if lacking
    ]
    yield warning(said, *advice) if lacks["ViewerAccess"] else Finding("ok", said, tuple(advice))


def _principal(patient: Patient, actor: str) -> str:
    """Whom IAM can simulate: for a session its role, whose path the session's ARN does not tell."""
    if ":assumed-role/" not in actor:
        return actor
    return str(patient.ask("iam", "GetRole", RoleName=actor.split("/")[1])["Role"]["Arn"])


def _lacking(patient: Patient, principal: str, wanted: tuple[Right, ...]) -> list[str]:
    lacking = []
    for right in wanted:
        key = {
            "ContextKeyName": "dynamodb:LeadingKeys",
            "ContextKeyValues": [right.key],
            "ContextKeyType": "stringList",
        }
        found = patient.ask(
            "iam",
            "SimulatePrincipalPolicy",
            PolicySourceArn=principal,
            ActionNames=[right.action],
            ResourceArns=[_arn(patient, right.on)],
            **({"ContextEntries": [key]} if right.key else {}),
        )["EvaluationResults"]
        if any(each["EvalDecision"] != "allowed" for each in found):
            lacking.append(right.action)
    return lacking


def _arn(patient: Patient, thing: str) -> str:
    alias = patient.output("Executor")
    if thing == "executor":
        return alias
    _, partition, _, region, account = alias.split(":")[:5]
    name = patient.output({"ledger": "LedgerTable", "state": "StateTable"}[thing])
    return f"arn:{partition}:dynamodb:{region}:{account}:table/{name}"
