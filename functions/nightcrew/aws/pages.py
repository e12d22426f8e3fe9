"""Reads of an account with the caller's own rights: page by page, and what went wrong in words for the caller."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError

from nightcrew.aws.calls import Call
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.errors import Unreachable

TOKEN = "NextToken"  # noqa: S105  a member's name


def pages(cloud: Cloud, call: Call, token: str = TOKEN) -> Iterator[Mapping[str, Any]]:
    """Every page of a listing; ``token`` is the member that leads to the next one. Raises as ``read`` does."""
    while True:
        page = read(cloud, call)
        yield page
        if not page.get(token):
            return
        call = Call(call.service, call.operation, {**call.parameters, token: page[token]})


def read(cloud: Cloud, call: Call) -> Mapping[str, Any]:
    """One answer. Raises CallFailed where AWS says no, Unreachable where it does not answer, and what botocore raises
    where it cannot even ask.
    """
    try:
        value: Mapping[str, Any] = cloud.read(call).value
    except CallFailed as failed:
        if failed.kind in ("throttled", "lost"):
            raise Unreachable(f"AWS did not answer {call.action}: {failed.code}: {failed.message}") from failed
        if isinstance(failed.__cause__, BotoCoreError):
            # Nothing was sent: no credentials, say. The door has words for that.
            raise failed.__cause__ from None
        raise
    return value
