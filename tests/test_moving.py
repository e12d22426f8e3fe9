"""docs/moving-from-ssm.md: its binding is a policy that holds, and does what the page says."""

from dataclasses import replace
from pathlib import Path

from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.dispatch.matching import match
from tests.dispatch.alarms import SIGNAL
from tests.test_docs import FENCE

PAGE = Path(__file__).resolve().parent.parent / "docs" / "moving-from-ssm.md"


def test_the_binding_that_is_shown_starts_the_document_with_those_parameters(catalog: Catalog) -> None:
    (text,) = [block[3] for block in FENCE.finditer(PAGE.read_text(encoding="utf-8")) if block[2] == "text"]
    policy = load(text, "moving-from-ssm.md")
    policy.check_against(catalog)
    found = match(replace(SIGNAL, name="checkout-5xx-high", tags={}), catalog.index, policy, catalog)
    assert (found.reason, found.runbook) == ("bound", "run-ssm-automation")
    runbook = catalog["run-ssm-automation"].called(found.parameters)
    assert (runbook.family, runbook.risk) == ("restart", "disruptive")
    given = runbook.form.validate(found.parameters)
    assert (given["document"], given["parameters"]) == ("RestartCheckout", '{"Mode": "fast"}')
