"""The clients of a process that will be killed: each write is a point as it goes out, and as its answer comes in."""

import json
from typing import Any

from botocore.config import Config

from nightcrew.aws.calls import Place
from nightcrew.aws.cloud import CHANGING, IN_TURN, READING, ClientMaker
from nightcrew.aws.kinds import is_read
from nightcrew.ledger.store import client_config
from tests.kill.cloud import WHO, entry_in
from tests.kill.life import Life

_CONFIGS = {"read": READING, "change": CHANGING, "ledger": client_config(), "turn": IN_TURN}
LEDGER = _CONFIGS["ledger"]


class Doors:
    """Makes clients, one for each use of a service. ``life`` is who uses them, once there is one.

    Made before the fork and not used there: so they are warm, and no two processes share a connection.
    """

    def __init__(self, clients: ClientMaker) -> None:
        self._clients = clients
        self._made: dict[tuple[str, str, Place | None], Any] = {}
        self.life: Life | None = None

    def warm(self, service: str, use: str) -> None:
        """Make a client ahead of its use ("read", "change" or "ledger")."""
        self(service, _CONFIGS[use])

    def __call__(self, service: str, config: Config, place: Place | None = None) -> Any:
        use = next(name for name, each in _CONFIGS.items() if each is config)
        key = (service, use, place)
        if key not in self._made:
            made = self._clients(service, config, place) if place else self._clients(service, config)
            self._made[key] = self._watched(service, use, made)
            if self.life is not None and place is None:
                self.life.tell({"service": service, "use": use})
        return self._made[key]

    def _watched(self, service: str, use: str, client: Any) -> Any:
        who = "ledger" if use == "ledger" else "cloud"

        def going(model: Any, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
            if self.life is None:
                return
            params["headers"][WHO] = f"{who} {service}:{model.name} {self.life.number}"
            if use != "read" and not is_read(service, model.name):
                if who == "ledger":
                    before, after = _ledger_points(model.name, params["body"])
                    self.life.come_to(before)
                else:
                    after = f"{self.life.changing}: after the call, before the checkpoint"
                context["nightcrew.after"] = after
            self.life.begins_work()

        def failed(**_: Any) -> None:
            if self.life is not None:
                self.life.ends_work()

        def gone(context: dict[str, Any], **_: Any) -> None:
            if self.life is not None:
                self.life.ends_work()
                if "nightcrew.after" in context:
                    self.life.come_to(context["nightcrew.after"])

        client.meta.events.register("before-call", going)
        client.meta.events.register("after-call-error", failed)
        client.meta.events.register("after-call", gone)
        return client


def _ledger_points(operation: str, body: bytes | str) -> tuple[str, str]:
    """The points before and after a write of the ledger's: by the entry in it, or else by what else it writes."""
    entry = entry_in(operation, body)
    title = entry["title"] if entry else ""
    match entry["kind"] if entry else operation:
        case "opening":
            return "admission: before its transaction", "admission: after its transaction"
        case "change":
            return f"{title}: before the entry", f"{title}: after the entry, before the call"
        case "wait":
            return f"{title}: before the wait's entry", f"{title}: after the wait's entry, before the checkpoint"
        case "closing":
            return "closing: before its transaction", "closing: after its transaction"
        case "refusal":
            return "refusal: before its transaction", "refusal: after its transaction"
        case "TransactWriteItems":
            return "hold: before its transaction", "hold: after its transaction, before the checkpoint"
        case operation:
            item = _ITEMS.get(_key(operation, json.loads(body)).partition("#")[0], operation)
            written = "is deleted" if operation == "DeleteItem" else "is written"
            return f"{item}: before it {written}", f"{item}: after it {written}"


def _key(operation: str, asked: dict[str, Any]) -> str:
    return str(asked["Item" if operation == "PutItem" else "Key"]["key"]["S"])


_ITEMS = {
    "claim": "claim",
    "alarm": "the alarm's item",
    "approval": "the question",
    "due": "what is due",
    "res": "the lock",
}
"""What single items of ``state`` are, by the beginnings of their keys."""
