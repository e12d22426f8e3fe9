"""The roles that act: there only where the stack may act, and taken by the executor alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from nightcrew.authoring.runbook import FAMILIES
from nightcrew.cli.doctoring.finding import PUT_BACK, Finding, ok, problem
from nightcrew.cli.doctoring.patient import Missing, Patient

ACTS = ("approve", "auto")
"""With these the template makes the roles."""


def trusted(patient: Patient) -> Iterator[Finding]:
    """Each family's role trusts the executor."""
    autonomy = patient.parameters.get("Autonomy", "observe")
    if autonomy not in ACTS:
        yield ok(f"Autonomy={autonomy}: there is no role that could change anything outside Nightcrew")
        return
    executor = patient.output("ExecutorRole")
    well = []
    for family in FAMILIES:
        name = patient.resource(logical(family))
        try:
            role = patient.ask("iam", "GetRole", RoleName=name)["Role"]
        except Missing:
            said = f"the role {name} is not there: no {family} runbook can run"
            yield problem(said, PUT_BACK)
            continue
        wrong = _distrust(name, role["AssumeRolePolicyDocument"], executor)
        if wrong:
            yield wrong
        else:
            well.append(family)
    if well:
        yield ok(f"{', '.join(well)}: each role trusts the executor's")


def assumable(patient: Patient) -> Iterator[Finding]:
    """The executor may take them."""
    if patient.parameters.get("Autonomy", "observe") not in ACTS:
        return
    executor = patient.output("ExecutorRole")
    account = executor.split(":")
    arns = [f"arn:{account[1]}:iam::{account[4]}:role/{patient.resource(logical(each))}" for each in FAMILIES]
    found = patient.ask(
        "iam",
        "SimulatePrincipalPolicy",
        PolicySourceArn=executor,
        ActionNames=["sts:AssumeRole"],
        ResourceArns=arns,
    )["EvaluationResults"]
    denied = [each["EvalResourceName"] for each in found if each["EvalDecision"] != "allowed"]
    for arn in denied:
        yield problem(
            f"the executor may not take {arn}", PUT_BACK, "a boundary or an organization's policy may deny it, too"
        )
    if not denied:
        yield ok("the executor may take them")


def logical(family: str) -> str:
    """What the template calls the role of a family."""
    return "".join(part.capitalize() for part in family.split("-")) + "Remediator"


def _distrust(name: str, trust: Mapping[str, Any], executor: str) -> Finding | None:
    trusted = [
        str(arn)
        for each in trust.get("Statement", ())
        if each.get("Effect") == "Allow" and isinstance(each.get("Principal"), Mapping)
        for arn in _listed(each["Principal"].get("AWS", ()))
    ]
    if executor in trusted:
        return None
    if any(each.startswith("AROA") for each in trusted):
        said = f"the role {name} trusts a role that was deleted: the executor's was made anew since"
        return problem(said, PUT_BACK)
    return problem(f"the role {name} does not trust the executor's role", PUT_BACK)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
