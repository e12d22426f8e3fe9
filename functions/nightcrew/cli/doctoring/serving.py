"""Who asks without a terminal: the HTTP API's function, and whom the stack names."""

from collections.abc import Iterator

from nightcrew.api.people import PARAMETERS, VARIABLES, People, Right
from nightcrew.cli.doctoring.arriving import failing
from nightcrew.cli.doctoring.finding import Finding, ok, warning
from nightcrew.cli.doctoring.patient import Patient

_DOES = {Right.OPERATE: "act", Right.APPROVE: "decide"}


def api(patient: Patient) -> Iterator[Finding]:
    """It can answer, and what stands in the parameters can name somebody."""
    address = patient.output("Api")
    wrong = failing(patient, patient.resource("ApiFunction"), "API")
    yield from wrong
    named = {right: patient.parameters.get(parameter, "") for right, parameter in PARAMETERS.items()}
    people = People.of({VARIABLES[right]: text for right, text in named.items()})
    for text in people.unclear:
        yield warning(f"{text} can name nobody who may act or decide", "name ARNs of roles or users (docs/api.md)")
    if not wrong:
        who = "; ".join(f"{named[right].replace(',', ', ') or 'nobody'} may {does}" for right, does in _DOES.items())
        yield ok(f"{address}: {who}")
