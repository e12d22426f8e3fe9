"""The door to both tables: transactions whose refusals name the gate, consistent reads, and queries with a limit.

There is no scan. Every fault comes out as ConditionFailed, Conflict or Unreachable.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.config import Config

from nightcrew.clock import Clock, SystemClock
from nightcrew.errors import Conflict, Unreachable
from nightcrew.ledger import chance
from nightcrew.ledger.conditions import Condition
from nightcrew.ledger.names import Names
from nightcrew.ledger.replies import still_in_progress, understood
from nightcrew.ledger.requests import ALONE, request
from nightcrew.ledger.transaction import Piece, Write, merge
from nightcrew.ledger.values import plain_item, wire_item

TRIES = 5  # of a write that met a conflict; with the waits below it gives up within a second
FIRST_WAIT = 0.05  # seconds, at most; doubled after each try
LONGEST_WAIT = 1.0
PAGE = 100  # items read by one query, where all are wanted
MOST_ITEMS = 100  # in one transaction (source: the DynamoDB API reference, TransactWriteItems)


@dataclass(frozen=True)
class Tables:
    """The real names of the two tables."""

    ledger: str = "nightcrew-ledger"
    state: str = "nightcrew-state"

    def named(self, table: str) -> str:
        """The real name of "ledger" or "state"."""
        if table == "ledger":
            return self.ledger
        if table == "state":
            return self.state
        raise ValueError(f"there are two tables, ledger and state; not {table!r}")


@dataclass(frozen=True)
class Found:
    """A page of a query: ``after`` is the key to go on from, None at the end."""

    items: tuple[dict[str, Any], ...]
    after: dict[str, Any] | None


@cache
def client_config() -> Config:
    """How a DynamoDB client for the ledger should retry and wait; one value, so that who keeps clients finds this one.

    A write here carries a condition or a token, so repeating it is safe. Waits are short: a table that does not
    answer within seconds is out of reach, and an alarm goes back to its queue.
    """
    retries: Any = {"mode": "standard", "total_max_attempts": 4}
    return Config(retries=retries, connect_timeout=1, read_timeout=3, tcp_keepalive=True)


def nobody(pieces: Sequence[Piece]) -> None:
    """Nobody is told what was written."""
    del pieces


class Store:
    """Reads and writes both tables through ``client``, a low-level boto3 DynamoDB client (see ``client_config``).

    A conflict is tried again up to TRIES times, after a wait of ``jitter(most)`` seconds on ``clock``. ``written`` is
    told the pieces of each transaction, once it is written; it may not raise.
    """

    def __init__(
        self,
        client: Any,
        tables: Tables | None = None,
        clock: Clock | None = None,
        *,
        jitter: Callable[[float], float] = chance.full_jitter,
        written: Callable[[Sequence[Piece]], None] = nobody,
    ) -> None:
        self._client = client
        self.tables = tables or Tables()
        self._clock = clock or SystemClock()
        self._jitter = jitter
        self._written = written

    def transact(self, pieces: Sequence[Piece]) -> None:
        """Write all the pieces or none. Raises ConditionFailed, Conflict, Unreachable.

        What comes down to one item goes as a single PutItem, UpdateItem or DeleteItem, at half the price. Such a
        request has no token: after a lost reply botocore's repeat may be refused by what the first one wrote. So
        where that matters, a caller looks whether the old item in the failure is its own.
        """
        writes = merge(pieces)
        if not writes or len(writes) > MOST_ITEMS:
            raise ValueError(f"a transaction writes 1 to {MOST_ITEMS} items, not {len(writes)}")
        if len(writes) == 1 and writes[0].action in ALONE:
            self._alone(writes[0])
        else:
            self._together(writes)
        self._written(pieces)

    def update(self, piece: Piece) -> dict[str, Any]:
        """Update one item and return it as it is now. Raises as ``transact`` does.

        botocore repeats a lost request, so a bare ``adds`` without a condition may count twice.
        """
        write = merge([piece])[0]
        if write.action != "Update":
            raise ValueError(f"{piece.gate}: not an update")
        return plain_item(self._alone(write, ReturnValues="ALL_NEW")["Attributes"])

    def get(self, table: str, key: Mapping[str, Any], *, consistent: bool = True) -> dict[str, Any] | None:
        """One item, None where there is none. Raises Unreachable."""
        name = self.tables.named(table)
        with understood(self._where(name)):
            reply = self._client.get_item(TableName=name, Key=wire_item(key), ConsistentRead=consistent)
        return plain_item(reply["Item"]) if "Item" in reply else None

    def get_all(self, table: str, keys: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | None]:
        """The items of these keys, in their order, None where there is none: one request, not read consistently.

        At most 100 keys (source: the DynamoDB API reference, BatchGetItem). Raises Unreachable.
        """
        name = self.tables.named(table)
        wanted: dict[str, Any] = {name: {"Keys": [wire_item(key) for key in keys]}}
        found: list[dict[str, Any]] = []
        for earlier in range(TRIES):
            with understood(self._where(name)):
                reply = self._client.batch_get_item(RequestItems=wanted)
            found += (plain_item(item) for item in reply["Responses"].get(name, ()))
            wanted = reply.get("UnprocessedKeys", {})
            if not wanted:
                return [next((each for each in found if key.items() <= each.items()), None) for key in keys]
            self._clock.sleep(self._jitter(min(LONGEST_WAIT, FIRST_WAIT * 2**earlier)))
        raise Unreachable(f"{self._where(name)} gave {len(found)} of {len(keys)} items: it is throttled")

    def query(
        self,
        table: str,
        where: Condition,
        *,
        limit: int,
        index: str | None = None,
        newest_first: bool = False,
        after: Mapping[str, Any] | None = None,
        consistent: bool = False,
    ) -> Found:
        """Up to ``limit`` items of one partition, by sort key. Raises Unreachable.

        ``where`` is ``Equals(partition key, …)``, and may be joined by & with one comparison of the sort key. Go on
        with ``after`` of the page before. An index cannot be read consistently.
        """
        name, names = self.tables.named(table), Names()
        members: dict[str, Any] = {"TableName": name, "Limit": limit, "ScanIndexForward": not newest_first}
        members["KeyConditionExpression"] = where.render(names)
        if index is not None:
            members["IndexName"] = index
        if consistent:
            members["ConsistentRead"] = True
        if after is not None:
            members["ExclusiveStartKey"] = wire_item(after)
        with understood(self._where(name)):
            reply = self._client.query(**members, **names.parameters())
        last = reply.get("LastEvaluatedKey")
        return Found(tuple(plain_item(item) for item in reply["Items"]), plain_item(last) if last else None)

    def every(
        self, table: str, where: Condition, *, index: str | None = None, consistent: bool = False, page: int = PAGE
    ) -> Iterator[dict[str, Any]]:
        """All items of one partition, by sort key, page by page as they are asked for. Raises Unreachable."""
        after: dict[str, Any] | None = None
        while True:
            found = self.query(table, where, limit=page, index=index, after=after, consistent=consistent)
            yield from found.items
            if found.after is None:
                return
            after = found.after

    def _alone(self, write: Write, **more: str) -> dict[str, Any]:
        name = self.tables.named(write.whole.table)
        members = request(write, name) | more

        def send() -> dict[str, Any]:
            with understood(self._where(name), [write]):
                reply: dict[str, Any] = getattr(self._client, ALONE[write.action])(**members)
                return reply

        return self._insist(send)

    def _together(self, writes: Sequence[Write]) -> None:
        items = [{write.action: request(write, self.tables.named(write.whole.table))} for write in writes]
        where = self._where(*dict.fromkeys(self.tables.named(write.whole.table) for write in writes))
        token = chance.token()

        def send() -> dict[str, Any]:
            nonlocal token
            try:
                with understood(where, writes):
                    reply: dict[str, Any] = self._client.transact_write_items(
                        TransactItems=items, ClientRequestToken=token
                    )
                    return reply
            except Conflict as conflict:
                if not still_in_progress(conflict):
                    token = chance.token()
                raise

        self._insist(send)

    def _insist(self, send: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        for earlier in range(TRIES - 1):
            try:
                return send()
            except Conflict:
                self._clock.sleep(self._jitter(min(LONGEST_WAIT, FIRST_WAIT * 2**earlier)))
        return send()

    def _where(self, *tables: str) -> str:
        return f"DynamoDB {self._client.meta.region_name}, {' and '.join(tables)}"
