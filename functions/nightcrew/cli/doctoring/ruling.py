"""What decides: the policy in the stack's parameter, read and checked as its functions do."""

from collections.abc import Iterator

from nightcrew.admission.policy_source import checked
from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.doctoring.finding import Finding, ok, problem
from nightcrew.cli.doctoring.patient import Missing, Patient
from nightcrew.errors import BadPolicy


def policy(patient: Patient) -> Iterator[Finding]:
    """It is there, and valid."""
    name = patient.parameters.get("PolicyParameter")
    autonomy = patient.parameters.get("Autonomy", "observe")
    if not name:
        yield ok(f"the packaged one holds, under Autonomy={autonomy}: the stack has no PolicyParameter")
        return
    put = f"aws ssm put-parameter --name {name} --type String --overwrite --value file://policy.yaml"
    try:
        found = patient.ask("ssm", "GetParameter", Name=name, WithDecryption=True)["Parameter"]
    except Missing:
        yield problem(f"there is no parameter {name}: until there is, nothing runs by itself", put)
        return
    try:
        held = checked(name, Catalog.load())(str(found["Value"]))
    except BadPolicy as bad:
        said = f"version {found['Version']} of {name} is not valid, and the last good one holds: {bad}"
        yield problem(said, "nightcrew policy check policy.yaml", put)
        return
    yield ok(f"version {found['Version']} of {name} is valid ({held.version}), under Autonomy={autonomy}")
