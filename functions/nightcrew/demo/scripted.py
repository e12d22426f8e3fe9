"""Scripts what the embedded cloud answers where moto is too quick or too kind: hangs, throttles, refusals, lost
replies.

Answers go in through botocore's own events, after the parameters were checked against AWS's model. Each request that
would leave the process is logged, so that a test can prove that none did.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from nightcrew.aws.cloud import ClientMaker
from nightcrew.aws.kinds import is_read

Script = Callable[[Mapping[str, Any]], "Mapping[str, Any] | Refusal | None"]
"""From a request's parameters to an answer, a refusal, or None: then the cloud itself answers."""

Hook = Callable[[Mapping[str, Any], dict[str, Any]], None]
"""Gets a request's parameters and its answer, which it may edit in place."""


@dataclass(frozen=True)
class Refusal:
    """An error as AWS would send it."""

    code: str
    message: str = "scripted"
    status: int = 400


@dataclass(frozen=True)
class Sent:
    """A request that left for the cloud (each attempt is one)."""

    service: str
    operation: str
    parameters: Mapping[str, Any]

    @property
    def changes(self) -> bool:
        """Whether it changed something."""
        return not is_read(self.service, self.operation)


@dataclass
class Scripted:
    """A maker of clients that follow a script and keep a log. Without a script everything goes to the cloud."""

    clients: ClientMaker
    sent: list[Sent] = field(default_factory=list)
    _scripts: dict[tuple[str, str], list[Script]] = field(default_factory=dict)
    _after: dict[tuple[str, str], list[Hook]] = field(default_factory=dict)
    _lose: dict[tuple[str, str], int] = field(default_factory=dict)
    _made: dict[tuple[str, int], Any] = field(default_factory=dict)

    def __call__(self, service: str, config: Config) -> Any:
        """A client that follows the script; one for each service and configuration, since making one takes 40 to 100
        ms.
        """
        if (service, id(config)) not in self._made:
            self._made[service, id(config)] = self._follow(service, self.clients(service, config))
        return self._made[service, id(config)]

    def reset(self) -> None:
        """Forget script and log; keep the clients."""
        self.sent.clear()
        self._scripts.clear()
        self._after.clear()
        self._lose.clear()

    def _follow(self, service: str, client: Any) -> Any:
        pending: list[Mapping[str, Any]] = [{}]

        def before_call(model: Any, params: Mapping[str, Any], **_: Any) -> Any:
            del params
            scripts = self._scripts.get((service, model.name), [])
            answer = scripts[0](pending[0]) if scripts else None
            if answer is None:
                return None
            self.sent.append(Sent(service, model.name, pending[0]))
            return _response(answer)

        def parameters(params: Mapping[str, Any], **_: Any) -> None:
            pending[0] = dict(params)

        def created(operation_name: str, **_: Any) -> None:
            self.sent.append(Sent(service, operation_name, pending[0]))

        def after_call(model: Any, parsed: dict[str, Any], **_: Any) -> None:
            for hook in self._after.get((service, model.name), ()) if "Error" not in parsed else ():
                hook(pending[0], parsed)
            left = self._lose.get((service, model.name), 0)
            if left:
                self._lose[service, model.name] = left - 1
                raise ReadTimeoutError(endpoint_url=client.meta.endpoint_url)

        client.meta.events.register("provide-client-params", parameters)
        client.meta.events.register("before-call", before_call)
        client.meta.events.register("request-created", created)
        client.meta.events.register("after-call", after_call)
        return client

    def answer(self, service: str, operation: str, *answers: "Mapping[str, Any] | Refusal | None") -> None:
        """Answer the next calls of an operation (API name) in this order; None lets one through; then all are let
        through.
        """
        left = list(answers)
        self._scripts[service, operation] = [lambda _: left.pop(0) if left else None]

    def script(self, service: str, operation: str, script: Script) -> None:
        """Answer each call of an operation by a function of its parameters."""
        self._scripts[service, operation] = [script]

    def after(self, service: str, operation: str, hook: Hook) -> None:
        """Call ``hook`` on each good answer of an operation, before the caller sees it; the first one first."""
        self._after.setdefault((service, operation), []).append(hook)

    def lose_reply(self, service: str, operation: str, times: int = 1) -> None:
        """Let the next calls take effect, and lose what the cloud answers."""
        self._lose[service, operation] = times

    def changes(self) -> list[str]:
        """The operations sent that change something, in order: ``ec2:StopInstances``. The ledger's own tables do not
        count.
        """
        return [f"{each.service}:{each.operation}" for each in self.sent if each.changes]

    def actions(self) -> set[tuple[str, str]]:
        """Every operation that was sent: (service, operation)."""
        return {(each.service, each.operation) for each in self.sent}


def _response(answer: "Mapping[str, Any] | Refusal") -> tuple[AWSResponse, dict[str, Any]]:
    metadata = {"RequestId": "scripted-request", "HTTPStatusCode": 200, "HTTPHeaders": {}}
    if isinstance(answer, Refusal):
        error = {"Code": answer.code, "Message": answer.message}
        return AWSResponse("", answer.status, HTTPHeaders(), None), {
            "Error": error,
            "ResponseMetadata": {**metadata, "HTTPStatusCode": answer.status},
        }
    return AWSResponse("", 200, HTTPHeaders(), None), {**answer, "ResponseMetadata": metadata}
