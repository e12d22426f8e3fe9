"""A runbook that does whatever its parameters say is named by people and by policy, never by an alarm."""

from dataclasses import replace

from nightcrew.admission.policy import Binding, Policy
from nightcrew.dispatch.matching import match
from tests.dispatch.alarms import INDEX, KNOWN, SIGNAL, Known

OWN = Known("run-ssm-automation", said_at_call=("family", "risk"))
ALL = {**KNOWN, OWN.name: OWN}
TAGS = {"nightcrew:runbook": OWN.name, "nightcrew:param:document": "Anything", "nightcrew:param:family": "restart"}


def test_an_alarms_tags_do_not_start_somebodys_document() -> None:
    """Who may tag an alarm need not be who may change production."""
    found = match(replace(SIGNAL, tags=TAGS), INDEX, Policy("0"), ALL)
    assert (found.kind, found.reason, found.runbook) == ("none", "not-by-tag", None)
    assert "only policy or a person may name it" in found.why


def test_a_binding_starts_it_with_its_own_parameters_and_none_of_the_alarms() -> None:
    given = {"document": "RestartCheckout", "family": "restart"}
    policy = Policy("0", bindings=(Binding(0, "web-*", OWN.name, given),))
    found = match(replace(SIGNAL, tags=TAGS), INDEX, policy, ALL)
    assert (found.reason, found.runbook, found.parameters) == ("bound", OWN.name, given)
