"""What may befall a request on its way to DynamoDB, drawn by lots that fall the same each time.

AWS turns transactions away where others write the same items, throttles, and loses replies; an emulator never does.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from botocore.retries.standard import register_retry_handler

WRITES = ("TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem")
OFTEN = 35
"""Of a hundred requests: so that five conflicts in a row, after which a caller gets one, are seen too."""

MIXED = ("conflicts", "throttling", "lost replies", "half told")
"""What a storm is made of: each write meets one of them."""

Answer = Any
"""What a request is answered with: botocore's AWSResponse."""


@dataclass
class Lots:
    """A linear congruential generator (Knuth's constants for MMIX): equal seeds draw equal lots."""

    seed: int

    def below(self, most: int) -> int:
        """One of 0 to ``most`` - 1."""
        self.seed = (self.seed * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.seed >> 33) % most


@dataclass
class Line:
    """One worker's own client, and the weather on its way to the emulator.

    ``met`` counts what befell it; ``wrote`` are the writes that took effect, as (operation, members), where ``keeps``
    says so.
    """

    client: Any
    lots: Lots
    weather: str = "calm"
    keeps: bool = False
    met: Counter[str] = field(default_factory=Counter)
    wrote: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _under_way: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        hurried(self.client).meta.events.register("before-send.dynamodb", self._on_its_way)

    def set(self, weather: str, *, keeps: bool = False) -> None:
        """Another weather from now on; forgets what it met."""
        self.weather, self.keeps = weather, keeps
        self.met.clear()
        self.wrote.clear()
        self._under_way.clear()

    def _on_its_way(self, request: Any, **_: Any) -> Answer:
        if self.weather == "calm" and not self.keeps:
            return None
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else str(target)).partition(".")[2]
        members = json.loads(request.body)
        befallen = self._befallen_by(self.weather, request, operation, members) if operation in WRITES else None
        return befallen or self._send(request, operation, members)

    def _send(self, request: Any, operation: str, members: dict[str, Any]) -> Answer:
        answer = self.client._endpoint.http_session.send(request)
        if operation in WRITES and answer.status_code == 200 and self.keeps:
            self.wrote.append((operation, members))
        return answer

    def _befallen_by(self, weather: str, request: Any, operation: str, members: dict[str, Any]) -> Answer:
        match weather:
            case "conflicts" if self._drawn():
                self.met["conflict"] += 1
                return self._turned_away(request, members, "TransactionConflict", "TransactionConflictException")
            case "throttling" if self._drawn():
                self.met["throttled"] += 1
                if self.lots.below(2):
                    return refusal(request, "ProvisionedThroughputExceededException")
                return self._turned_away(request, members, "ThrottlingError", "ThrottlingException")
            case "lost replies":
                return self._lose(request, operation, members)
            case "half told":
                return self._half_told(request, operation, members)
            case "storm":
                return self._befallen_by(MIXED[self.lots.below(len(MIXED))], request, operation, members)
            case _:
                return None

    def _drawn(self) -> bool:
        return self.lots.below(100) < OFTEN

    def _turned_away(self, request: Any, members: dict[str, Any], reason: str, alone: str) -> Answer:
        return turned_away(request, members, reason, alone, self.lots.below(len(members.get("TransactItems", "?"))))

    def _lose(self, request: Any, operation: str, members: dict[str, Any]) -> Answer:
        """It takes effect, and its reply is lost; or it is still under way, and its repetition is told so."""
        token = members.get("ClientRequestToken", "")
        if self._under_way.get(token):
            self._under_way[token] -= 1
            self.met["under way"] += 1
            return refusal(request, "TransactionInProgressException")
        if token in self._under_way or not self._drawn():
            return None
        self.met["lost"] += 1
        if token and not self.lots.below(4):
            self._under_way[token] = 1 + self.lots.below(3)
        else:
            self._send(request, operation, members)
        raise ReadTimeoutError(endpoint_url=request.url)

    def _half_told(self, request: Any, operation: str, members: dict[str, Any]) -> Answer:
        """Of several conditions that do not hold, a cancelled transaction names one."""
        answer = self._send(request, operation, members)
        if answer.status_code == 200:
            return answer
        body = json.loads(answer.content)
        reasons = body.get("CancellationReasons", [])
        named = [place for place, reason in enumerate(reasons) if reason["Code"] == "ConditionalCheckFailed"]
        if len(named) < 2:
            return answer
        self.met["half told"] += 1
        kept = named[self.lots.below(len(named))]
        other = {"Code": "TransactionConflict"} if self.lots.below(2) else {"Code": "None"}
        reasons = [reason if place == kept or place not in named else other for place, reason in enumerate(reasons)]
        return refusal(request, "TransactionCanceledException", CancellationReasons=reasons)


def hurried(client: Any) -> Any:
    """The same client of DynamoDB: it decides as ever what it sends again, but does not wait for it."""
    events = client.meta.events
    retries = register_retry_handler(client, max_attempts=4)
    events.unregister("needs-retry.dynamodb", unique_id="retry-config-dynamodb")
    events.register("needs-retry.dynamodb", lambda **asked: None if retries.needs_retry(**asked) is None else 0)
    return client


def turned_away(request: Any, members: dict[str, Any], reason: str, alone: str, place: int = 0) -> AWSResponse:
    """As AWS turns a write away: a transaction names a reason for each of its items, and none for most of them; a
    write of one item fails with the error ``alone``.
    """
    if "TransactItems" not in members:
        return refusal(request, alone)
    reasons = [{"Code": "None"} for _ in members["TransactItems"]]
    reasons[place] = {"Code": reason, "Message": "as the weather is"}
    return refusal(request, "TransactionCanceledException", CancellationReasons=reasons)


def refusal(request: Any, code: str, **members: Any) -> AWSResponse:
    """DynamoDB's answer for an error."""
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "as the weather is", **members}
    return AWSResponse(request.url, 400, HTTPHeaders(), _Raw(json.dumps(body).encode()))


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()
