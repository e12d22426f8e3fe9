"""Answers that were recorded once, played back where the network would begin: the same for whoever asks.

So what is timed is everything on our side of the network: building and signing a request, and parsing its answer.
"""

import time
from collections.abc import Iterable
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.config import Config

from bench.log import Request, answer
from nightcrew.demo.embedded import clients_of


class Tape:
    """A maker of clients that get the recorded answers in their order, whichever of them asks."""

    def __init__(self, requests: Iterable[Request]) -> None:
        self._recorded = list(requests)
        self._next = 0
        self._maker = clients_of()
        self._made: dict[tuple[str, int], Any] = {}

    def rewind(self) -> None:
        """From the first answer on. Raises RuntimeError where some were not asked for: then it was another run."""
        if self._next not in {0, len(self._recorded)}:
            raise RuntimeError(f"{self._next} of {len(self._recorded)} recorded answers were asked for")
        self._next = 0

    def __call__(self, service: str, config: Config) -> Any:
        """A client of this tape, made once for each service and configuration."""
        key = (service, id(config))
        if key not in self._made:
            self._made[key] = self._maker(service, config)
            self._made[key].meta.events.register("before-send", self._play)
        return self._made[key]

    def _play(self, event_name: str, **_: Any) -> AWSResponse:
        recorded = self._recorded[self._next]
        if event_name != f"before-send.{recorded.service}.{recorded.operation}":
            raise RuntimeError(f"{event_name}, but {recorded.name} was recorded here")
        self._next += 1
        return answer(recorded.status, recorded.answer, recorded.headers)


class Timed:
    """A client that adds up the time spent inside its calls."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.meta = client.meta
        self.seconds = 0.0
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)

        def timed(**parameters: Any) -> Any:
            began = time.perf_counter()
            try:
                return call(**parameters)
            finally:
                self.seconds += time.perf_counter() - began
                self.calls += 1

        return timed
