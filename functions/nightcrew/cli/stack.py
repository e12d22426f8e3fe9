"""A deployed stack, as the caller reaches it with their own rights: its tables, its front door, and who waits there."""

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Any

from botocore import exceptions as aws
from botocore.config import Config

from nightcrew.admission.policy import Policy
from nightcrew.aws.cloud import ClientMaker
from nightcrew.cli.account import Account, Who, spoken
from nightcrew.cli.exits import NotHere
from nightcrew.clock import SystemClock
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.dispatch.front_door import front_door
from nightcrew.engine.callbacks import Callbacks
from nightcrew.engine.installation import Watch, nobody
from nightcrew.errors import BadInput
from nightcrew.ledger.store import Store, Tables, client_config

_ASKING = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=10)

OUTPUTS = {
    "LedgerTable": "NIGHTCREW_LEDGER",
    "StateTable": "NIGHTCREW_STATE",
    "Executor": "NIGHTCREW_EXECUTOR",
    "NewsTopic": "NIGHTCREW_TOPIC",
    "NewsBus": "NIGHTCREW_BUS",
}
"""The stack's outputs, and the variables in which its functions have the same. ``ChatTopic`` is not among them: what
stands in a channel has a button under it, and only functions write there.
"""

_NOTES = ("policy refused", "news failed", "runbook not loaded")
"""Trouble that stops nothing, for people on stderr."""

QUEUES = ("AlarmQueue", "AlarmDeadLetters", "RunDeadLetters")
"""Outputs that name a queue's URL."""

_HINT = "`aws cloudformation list-stacks` lists those of a Region; --region, before the command, names another one"

PARAMETERS = {"Autonomy": "NIGHTCREW_AUTONOMY", "PolicyParameter": "NIGHTCREW_POLICY_PARAMETER"}


class Stack:
    """What ``--stack NAME`` names. Raises NotHere where there is none of that name, or it is not Nightcrew's.

    ``note`` tells people of trouble that stops nothing.

    A start by hand is decided here, by the stack's own policy and in its own tables; its executor carries it out.
    """

    def __init__(self, name: str, region: str | None, profile: str | None, note: Callable[[str], None]) -> None:
        self.name = name
        self._note = note
        self.account = Account(region, profile)
        self.clients: ClientMaker = cache(self.account)
        self.clock = SystemClock()
        self.outputs, self.environment = _read(name, self.clients, str(self.account.region))
        tables = Tables(self.environment["NIGHTCREW_LEDGER"], self.environment["NIGHTCREW_STATE"])
        self.store = Store(self.clients("dynamodb", client_config()), tables, self.clock)

    @cached_property
    def who(self) -> Who:
        """The caller, as AWS knows them."""
        return self.account.who()

    def actor(self, name: str | None) -> str:
        """Who acts. Nobody acts for another where AWS knows who is who."""
        if name is not None:
            raise BadInput("--as", name, "it is for the demo: in a stack you are who AWS says you are")
        return self.who.actor

    def door(self, watch: Watch) -> Dispatcher:
        """Its front door: what it decides is what intake would have decided."""
        return self.doors(watch)()

    def doors(self, watch: Watch) -> Callable[[], Dispatcher]:
        """The same for who stays: with the policy of the moment, whenever it is asked for."""

        def told(kind: str, what: Mapping[str, Any]) -> None:
            if kind in _NOTES:
                self._note(f"note: {kind}: {what['words']}")
            else:
                watch(kind, what)

        # Unmetered: stdout is no function's log here.
        return front_door(self.environment, told, self.clients)

    @cached_property
    def policy(self) -> Policy:
        """The policy that holds there now."""
        return self.door(nobody).installation.policy

    def answer(self, callback: str, value: Any) -> bool:
        """Answer a run that waits; False where it waits no more. Raises Unreachable."""
        return Callbacks(self.clients)(callback, value)


def _read(name: str, clients: ClientMaker, region: str) -> tuple[dict[str, str], dict[str, str]]:
    """The stack's outputs, and itself as its functions' environment has it."""
    found = described(name, clients, region)
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}
    missing = [each for each in (*OUTPUTS, *QUEUES) if each not in outputs]
    if missing:
        state = found.get("StackStatus", "?")
        line = (
            f"the stack {name} in {region} has no output {missing[0]}: it is not Nightcrew's, or not deployed ({state})"
        )
        raise NotHere(line, _HINT)
    given = {each["ParameterKey"]: each.get("ParameterValue", "") for each in found.get("Parameters", ())}
    return outputs, {
        **{variable: outputs[output] for output, variable in OUTPUTS.items()},
        "NIGHTCREW_STACK": name,
        **{variable: given[parameter] for parameter, variable in PARAMETERS.items() if given.get(parameter)},
    }


def described(name: str, clients: ClientMaker, region: str) -> dict[str, Any]:
    """A stack as CloudFormation describes it. Raises NotHere, Unreachable."""
    try:
        with spoken():
            return _described(name, clients)
    except LookupError as gone:
        raise NotHere(f"there is no stack {name} in {region}", _HINT) from gone


def _described(name: str, clients: ClientMaker) -> dict[str, Any]:
    """Raises LookupError where there is none: CloudFormation calls that a validation error."""
    try:
        found = clients("cloudformation", _ASKING).describe_stacks(StackName=name)["Stacks"]
    except aws.ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ValidationError":
            raise LookupError(name) from error
        raise
    if not found:
        raise LookupError(name)
    stack: dict[str, Any] = found[0]
    return stack
