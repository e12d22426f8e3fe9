"""News for people and other systems: one schema, versioned (docs/news.md). Delivery trouble never fails a run.

Each piece goes to an event bus, for systems, and as text that can be read on a phone to an SNS topic; to another topic
in the form that chat channels show.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.config import Config

from nightcrew.aws.cloud import ClientMaker
from nightcrew.engine.news_chat import custom
from nightcrew.engine.news_text import subject, text
from nightcrew.errors import Unreachable

Tell = Callable[[str, Mapping[str, Any]], object]

VERSION = 1
SOURCE = "nightcrew"

KINDS = (
    *("opened", "approval wanted", "refused", "failed", "undone", "closed"),
    *("suggested", "policy refused", "digest", "game day"),
)

FIELDS = (
    *("version", "kind", "at", "words", "run", "runbook", "resource", "symptom", "account", "region", "alarm", "event"),
    *("actor", "by", "reason", "break_glass", "autonomy", "gate", "figures", "until"),
    *("outcome", "started", "undone", "not_undone", "deadline", "hash", "wanted", "policy"),
    *("first_day", "last_day", "text", "markdown"),
)
"""All that a piece may have; the first four it always has. Parameters of a run are not among them: news goes to more
people than the ledger."""

SENDING = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=1, read_timeout=2)
"""A run does not wait for its news: a topic that does not answer costs it six seconds."""


def piece(kind: str, what: Mapping[str, Any]) -> dict[str, Any]:
    """One piece of news as it is sent: a JSON object with ``FIELDS`` and nothing else."""
    _, _, _, region, account, *_ = (*str(what.get("resource", "")).split(":", 5), *[""] * 5)
    found = {**what, "version": VERSION, "kind": kind, "words": str(what.get("words") or what.get("why") or kind)}
    found |= {"account": account, "region": region}
    kept = {name: found[name] for name in FIELDS if found.get(name) not in (None, "", [], {})}
    plain: dict[str, Any] = json.loads(json.dumps(kept, default=str, ensure_ascii=False))
    return plain


def kind_of_end(closing: Mapping[str, Any]) -> str:
    """The kind of a run's last piece of news, by the body of its closing entry: each run ends with exactly one."""
    if closing["outcome"] == "failed":
        return "failed"
    return "undone" if closing.get("undone") else "closed"


def of_end(run: str, closing: Mapping[str, Any]) -> dict[str, Any]:
    """What a run's last piece of news says, from the body of its closing entry."""
    told = ("runbook", "resource", "actor", "started", "outcome", "words", "undone", "not_undone", "gate", "figures")
    return {"run": run, **{name: closing[name] for name in told if name in closing}}


@dataclass(frozen=True)
class AwsNews:
    """Sends news to a topic, a bus and a chat's topic; each may be missing. Clients are made at the first piece.
    ``stack`` is whose news it is, for the buttons in a channel that two of them tell.
    """

    clients: ClientMaker
    topic: str | None = None
    bus: str | None = None
    chat: str | None = None
    stack: str = "nightcrew"
    _made: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, kind: str, what: Mapping[str, Any]) -> None:
        """Send one piece to all. Raises what went wrong with the first that failed; the others were tried all the
        same.
        """
        told = piece(kind, what)
        ways: tuple[Callable[[], None], ...] = (
            lambda: self._to_bus(told),
            lambda: self._to_topic(told),
            lambda: self._to_chat(told, what),
        )
        trouble = [error for send in ways if (error := _tried(send)) is not None]
        if trouble:
            raise trouble[0]

    def _to_bus(self, told: Mapping[str, Any]) -> None:
        if not self.bus:
            return
        detail = json.dumps(told, ensure_ascii=False)
        entry = {"Source": SOURCE, "DetailType": f"Nightcrew {told['kind']}", "Detail": detail}
        if "resource" in told:
            entry["Resources"] = [told["resource"]]  # type: ignore[assignment]  # the one member that is a list
        answer = self._client("events").put_events(Entries=[{**entry, "EventBusName": self.bus}])
        if answer.get("FailedEntryCount"):
            failed = answer["Entries"][0]
            raise Unreachable(f"bus {self.bus}: {failed.get('ErrorCode')}: {failed.get('ErrorMessage')}")

    def _to_topic(self, told: Mapping[str, Any]) -> None:
        if not self.topic:
            return
        self._client("sns").publish(
            TopicArn=self.topic, Subject=subject(told), Message=text(told), MessageAttributes=_attributes(told)
        )

    def _to_chat(self, told: Mapping[str, Any], what: Mapping[str, Any]) -> None:
        if not self.chat:
            return
        message = json.dumps(custom(told, what, self.stack), ensure_ascii=False)
        self._client("sns").publish(TopicArn=self.chat, Message=message, MessageAttributes=_attributes(told))

    def _client(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self.clients(service, SENDING)
        return self._made[service]


def _attributes(told: Mapping[str, Any]) -> dict[str, Any]:
    """Subscriptions can filter by these."""
    filters = {name: told[name] for name in ("kind", "runbook", "outcome", "gate", "account") if name in told}
    return {name: {"DataType": "String", "StringValue": str(value)} for name, value in filters.items()}


def _tried(send: Callable[[], None]) -> Exception | None:
    try:
        send()
    except Exception as error:  # noqa: BLE001  the other way must be tried, whatever this one met
        return error
    return None
