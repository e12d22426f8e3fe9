"""Scripts what the embedded cloud answers where moto is too quick or too kind: hangs, throttles, refusals, lost
replies.

Answers go in through botocore's own events, after the parameters were checked against AWS's model. Each request that
would leave the process is logged, so that a test can prove that none did.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from nightcrew.aws.calls import Place
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
    """A request that left for the cloud (each attempt is one).

    ``scripted``: a script answered it, or edited the answer; ``endpoint`` is where it was sent to.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]
    scripted: bool = False
    endpoint: str = ""

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
    _made: dict[tuple[str, int, Place | None], Any] = field(default_factory=dict)

    def __call__(self, service: str, config: Config, place: Place | None = None) -> Any:
        """A client that follows the script; one for each service, configuration and place, since making one takes 40
        to 100 ms.
        """
        key = (service, id(config), place)
        if key not in self._made:
            made = self.clients(service, config, place) if place else self.clients(service, config)
            self._made[key] = self._follow(service, made)
        return self._made[key]

    def reset(self) -> None:
        """Forget script and log; keep the clients."""
        self.sent.clear()
        self._scripts.clear()
        self._after.clear()
        self._lose.clear()

    def _follow(self, service: str, client: Any) -> Any:
        pending: list[Mapping[str, Any]] = [{}]
        endpoint = str(client.meta.endpoint_url)

        def before_call(model: Any, params: Mapping[str, Any], **_: Any) -> Any:
            del params
            scripts = self._scripts.get((service, model.name), [])
            answer = scripts[0](pending[0]) if scripts else None
            if answer is None:
                return None
            self.sent.append(Sent(service, model.name, pending[0], scripted=True, endpoint=endpoint))
            return _response(answer)

        def parameters(params: Mapping[str, Any], **_: Any) -> None:
            pending[0] = dict(params)

        def created(operation_name: str, **_: Any) -> None:
            self.sent.append(Sent(service, operation_name, pending[0], endpoint=endpoint))

        def after_call(model: Any, parsed: dict[str, Any], **_: Any) -> None:
            hooks = self._after.get((service, model.name), ()) if "Error" not in parsed else ()
            for hook in hooks:
                hook(pending[0], parsed)
            if hooks:
                self.sent[-1] = replace(self.sent[-1], scripted=True)
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

    def throttle(self, service: str, operation: str, times: int = 1, code: str = "RequestLimitExceeded") -> None:
        """Refuse the next calls of an operation as too many; ``code`` is what the service calls that (EC2's unless
        given, "ThrottlingException" for many).
        """
        self.answer(service, operation, *[Refusal(code, "Request limit exceeded.", 503)] * times)

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
