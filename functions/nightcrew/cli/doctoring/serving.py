"""Who asks without a terminal: the HTTP API's function, with the console's pages, and whom the stack names."""

from collections.abc import Iterator, Mapping

from nightcrew.api.people import PARAMETERS, VARIABLES, People, Right
from nightcrew.cli.doctoring.arriving import failing
from nightcrew.cli.doctoring.finding import Finding, ok, warning
from nightcrew.cli.doctoring.patient import Patient
from nightcrew.console.oidc.people import PARAMETERS as ON_PAGES

_DOES = {Right.VIEW: "look", Right.OPERATE: "act", Right.APPROVE: "decide"}


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
        yield ok(f"{address}: {_who(named)}")
        yield from _console(patient)


def _console(patient: Patient) -> Iterator[Finding]:
    """Where there is one: who signs people in, and who may what."""
    issuer, client = (patient.parameters.get(name, "") for name in ("ConsoleIssuer", "ConsoleClient"))
    if not issuer or not client:
        if issuer or client:
            words = "there is no console: one of ConsoleIssuer and ConsoleClient is empty"
            yield warning(words, "give both, or neither (docs/console.md)")
        return
    named = {right: patient.parameters.get(parameter, "") for right, parameter in ON_PAGES.items()}
    if not any(named.values()):
        yield warning("nobody may look at the console", "name people in ConsoleViewers (docs/console.md)")
    yield ok(f"{patient.output('Console')}: {issuer} signs people in; {_who(named)}")


def _who(named: Mapping[Right, str]) -> str:
    return "; ".join(f"{text.replace(',', ', ') or 'nobody'} may {_DOES[right]}" for right, text in named.items())
