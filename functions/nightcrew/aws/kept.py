"""A secret that a runbook needs: its parameter says where it is kept, and nobody but AWS and the call ever has it.

A parameter stands in the ledger, in the journal and on pages as it was given. So a runbook takes no secret; it takes
``password: SecretRef``, and hands ``kept(password)`` to the call, which reads the value as it is sent.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

from nightcrew.aws.calls import Call, Carried, calls
from nightcrew.aws.checked import Checked

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:checkout-AbCdEf"  # noqa: S105  where one is, and none
_IN = r"arn:aws[a-z-]*:{}:[a-z0-9-]+:[0-9]{{12}}:"
_SECRET = re.compile(rf"({_IN.format('secretsmanager')}secret:[A-Za-z0-9/_+=.@!-]{{1,512}})(?::([\w.-]{{1,128}}))?")
_PARAMETER = re.compile(rf"{_IN.format('ssm')}parameter/[A-Za-z0-9_./-]{{1,1011}}")
_LIKE = "x" * 32
"""Long enough for whatever a call must be given at least."""


def _wrong(text: str) -> str | None:
    if _SECRET.fullmatch(text) or _PARAMETER.fullmatch(text):
        return None
    return (
        "it must say where the secret is kept, and not the secret: the ARN of a secret of Secrets Manager (and :key of"
        " one that is JSON), or of a SecureString parameter"
    )


SecretRef = Annotated[str, Checked(_wrong, "where the secret is kept: an ARN", SECRET)]
"""The ARN of a secret of Secrets Manager, with ``:key`` where its text is a JSON object and one member is meant; or of
an SSM parameter. What is no ARN may be the secret itself: it is refused, and not said back.
"""


def kept(reference: str) -> Carried:
    """The value that is kept there, for a call to carry: it is read when the call is sent, each time it is sent.

    The runbook declares ``secretsmanager:GetSecretValue`` or ``ssm:GetParameter``, and ``kms:Decrypt`` where a key of
    the team's own encrypts it. It is read in the Region that the run is in.
    """
    found = _SECRET.fullmatch(reference)
    if found is None:
        return Carried(calls("ssm").get_parameter(Name=reference, WithDecryption=True), _of_parameter, _LIKE)
    arn, key = found.groups()
    source: Call = calls("secretsmanager").get_secret_value(SecretId=arn)
    return Carried(
        source, lambda answer: _member(answer["SecretString"], key) if key else answer["SecretString"], _LIKE
    )


def _of_parameter(answer: Mapping[str, Any]) -> Any:
    return answer["Parameter"]["Value"]


def _member(text: str, key: str) -> str:
    found = json.loads(text)[key]
    if not isinstance(found, str):
        raise TypeError(key)
    return found
