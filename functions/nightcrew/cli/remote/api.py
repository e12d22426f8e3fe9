"""The API's calls as commands make them: signed, and made again where that does no harm."""

import json
from collections.abc import Mapping
from typing import Any

from nightcrew.cli.asked import Asked
from nightcrew.cli.remote.answers import Answered
from nightcrew.cli.remote.signing import Signed
from nightcrew.clock import Clock, SystemClock
from nightcrew.dispatch.ids import new_run_id
from nightcrew.errors import Unreachable

TRIES = 3
PASSING = (429, 502, 503, 504)
"""Statuses that another try may change."""

MOST_PAUSE = 10.0
"""Seconds."""

REPEATS = "Idempotency-Key"


class Api:
    """One deployed installation. Raises BadInput, NotHere; each call raises what its answer says."""

    def __init__(self, asked: Asked, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self._signed = Signed(str(asked.url), asked.region, asked.profile)

    def get(self, path: str, **query: Any) -> Any:
        """What there is. What is None is not asked for."""
        return self._call("GET", path, query, None, {})

    def post(self, path: str, body: Mapping[str, Any], key: str | None = None, *, again: bool = False) -> Any:
        """Do something; with a ``key`` it is done once however often it is sent, and sent ``again`` where it got lost,
        as what is done once by itself.
        """
        given = {name: value for name, value in body.items() if value is not None}
        headers = {"Content-Type": "application/json"} | ({REPEATS: key} if key is not None else {})
        tries = TRIES if again or key is not None else 1
        return self._call("POST", path, {}, json.dumps(given).encode(), headers, tries)

    def new_key(self) -> str:
        """One that names a request of this moment."""
        return new_run_id(self.clock.now())

    def delete(self, path: str, **query: Any) -> Any:
        """Take something away."""
        return self._call("DELETE", path, query, None, {})

    def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: bytes | None,
        headers: Mapping[str, str],
        tries: int = TRIES,
    ) -> Any:
        asked = {name: _text(value) for name, value in query.items() if value is not None}
        for left in reversed(range(tries)):
            try:
                answered = self._signed.send(method, path, asked, body, headers)
            except Unreachable:
                if not left:
                    raise
                self.clock.sleep(0.2)
                continue
            if answered.status not in PASSING or not left:
                return answered.data()
            self.clock.sleep(_pause(answered))
        raise AssertionError("each way out of the loop returns or raises")


def _pause(answered: Answered) -> float:
    after = answered.headers.get("retry-after", "")
    return min(float(after), MOST_PAUSE) if after.isdecimal() else 1.0


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
