"""Every call of the HTTP API, and who may make it: its routes, its rights and its documentation come from here.

A path's ``{name}`` stands for one segment. What is not in this table cannot be called.
"""

import re
from dataclasses import dataclass

from nightcrew.api.people import Right
from nightcrew.api.problem import NotThisWay
from nightcrew.errors import Unknown


@dataclass(frozen=True)
class Call:
    """One of the API's calls; ``name`` is its operation's id."""

    name: str
    method: str
    path: str
    right: Right = Right.VIEW

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


CALLS = (
    Call("listRunbooks", "GET", "/runbooks"),
    Call("showRunbook", "GET", "/runbooks/{name}"),
    Call("planRunbook", "POST", "/runbooks/{name}/plan", Right.OPERATE),
    Call("startRun", "POST", "/runs", Right.OPERATE),
    Call("listRuns", "GET", "/runs"),
    Call("showRun", "GET", "/runs/{id}"),
    Call("approveRun", "POST", "/runs/{id}/approve", Right.APPROVE),
    Call("declineRun", "POST", "/runs/{id}/decline", Right.APPROVE),
    Call("cancelRun", "POST", "/runs/{id}/cancel", Right.OPERATE),
    Call("listApprovals", "GET", "/approvals"),
    Call("recall", "GET", "/recall"),
    Call("listLessons", "GET", "/lessons"),
    Call("learn", "POST", "/lessons", Right.OPERATE),
    Call("correctLesson", "POST", "/lessons/{id}/versions", Right.OPERATE),
    Call("search", "GET", "/search"),
    Call("showStatistics", "GET", "/statistics"),
    Call("listHalts", "GET", "/halts"),
    Call("halt", "POST", "/halts", Right.OPERATE),
    Call("liftHalt", "DELETE", "/halts", Right.OPERATE),
    Call("explainPolicy", "POST", "/policy/explain"),
    Call("why", "GET", "/why"),
)

_PLACE = re.compile(r"\{[a-z]+\}")

NAMED = {each.name: each for each in CALLS}


def call_of(method: str, path: str) -> Call:
    """Which call this is. Raises Unknown where nothing is at this path, NotThisWay where only other methods are."""
    there = [call for call in CALLS if re.fullmatch(_PLACE.sub(r"[^/]+", call.path), path)]
    if not there:
        raise Unknown("there is no such path")
    found = next((call for call in there if call.method == method), None)
    if found is None:
        raise NotThisWay(method, path[:120], [call.method for call in there])
    return found
