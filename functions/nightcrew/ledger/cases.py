"""A run as a case: what a later one is compared with, and the marks by which the ledger's indexes find it.

Only a run that was carried out is a case: a storm of refusals must not hide what helped. A mark is the beginning of a
hash: it keeps an index item small, and two runs are about the same thing where their marks are equal.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

CASES = ("cured", "succeeded", "ineffective", "worse", "failed", "cancelled", "not_applicable")
"""The outcomes that say something about a runbook, or about what was there. A person's no says nothing of either."""

HELPED = ("cured", "succeeded")
"""The outcomes of a runbook that helped."""

INDEXES = {"cases_by_resource": "cr", "cases_by_group": "cg", "cases_by_symptom": "cs", "cases_by_error": "ce"}
"""Each index by its partition key. The names are short since a closing with them should stay below a write unit."""

SHOWN = ("runbook", "resource", "symptom", "outcome", "took", "error", "cg")  # in each index, beside its keys
MOST_ERROR = 60  # characters


def mark(text: str) -> str:
    """Six characters that stand for a text. Two texts share one by chance once in 69 billion pairs: a resource and a
    symptom stand beside their marks, to be sure.
    """
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())[:6].decode()


def kind_of(resource: str) -> str:
    """Service and type of an ARN: ``ec2:instance``; the service alone where the ARN has no type (SQS, SNS, S3)."""
    _, _, service, _, _, rest = (*resource.split(":", 5), *[""] * 5)[:6]
    separators = [at for at in (rest.find("/"), rest.find(":")) if at > 0]
    return f"{service}:{rest[: min(separators)]}" if separators else service


def case_attributes(body: Mapping[str, Any]) -> dict[str, str]:
    """What a closing carries so that the indexes of cases hold it. Follows from its body alone; empty for no case.

    The body has the mark of its group already: the name stands in the entry after its hold.
    """
    if body.get("outcome") not in CASES:
        return {}
    failed = body.get("error")
    error = failed.get("code") if isinstance(failed, Mapping) else None
    texts = {"cr": body.get("resource"), "cs": body.get("symptom"), "ce": error}
    found = {name: mark(text) for name, text in texts.items() if text and isinstance(text, str)}
    if isinstance(body.get("group"), str) and body["group"]:
        found["cg"] = body["group"]
    return found | ({"error": str(error)[:MOST_ERROR]} if "ce" in found else {})
