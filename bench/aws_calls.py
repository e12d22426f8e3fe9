"""Measure 4: AWS calls of an EC2 restart beyond the runbook's own, from the log of every client. Counted."""

from collections import Counter
from typing import NamedTuple

from bench.deployed import Taken
from bench.log import Request
from bench.report import Row
from bench.restarts import restarts

BESIDES = 7
"""What a restart asks of AWS beside: claim, admit, start, started, opening, alarm, close."""


class Calls(NamedTuple):
    """A run's requests by what they are for."""

    own: list[Request]
    """The runbook's own."""
    lookups: list[Request]
    """Listed, and not counted: what stands around the resource, and the role's session."""
    polls: list[Request]
    """One read a poll, and one before a pause: was it cancelled?"""
    beyond: list[Request]
    """All others."""


def measure() -> Row:
    """Count what one restart by an alarm sends, and leave out what the runbook itself asked for."""
    alone, grouped = restarts()
    calls = sorted_out(alone)
    return Row(
        measure=4,
        name="AWS calls of a restart, beyond its own and m + w",
        value=beside(alone),
        unit="calls",
        goal=f"≤ {BESIDES}, and one read a poll or pause",
        met=beside(alone) <= BESIDES,
        how=f"request log of all clients, over moto: {_listed(calls.beyond)}; m = {alone.changes}, w = {alone.waits}. "
        f"Beside: {len(calls.polls)} reads for as many polls and pauses; the OK's own event "
        f"{_listed(list(alone.pushed))}, and its answer to the run; news, where a topic or a bus is set; look-ups "
        f"{_listed(calls.lookups)}; the runbook's own {_listed(calls.own)}; the durable engine's checkpoints, with "
        f"{alone.checkpoints} updates in them. A group would make it {beside(grouped)} (hold)",
    )


def beside(run: Taken) -> int:
    """Its calls without the runbook's own, look-ups, and those for changes, long waits and polls."""
    return len(sorted_out(run).beyond) - run.changes - run.waits


def sorted_out(run: Taken) -> Calls:
    """The runbook asks EC2 alone, and the first to ask EC2 is hold, for what stands around the instance."""
    ec2 = [request for request in run.requests if request.service == "ec2"]
    lookups = [*(request for request in run.requests if request.service == "sts"), ec2[0]]
    polls = [request for request in run.requests if _is_poll(request)]
    apart = {id(request) for request in (*ec2, *lookups, *polls)}
    return Calls(ec2[1:], lookups, polls, [request for request in run.requests if id(request) not in apart])


def _is_poll(request: Request) -> bool:
    if request.name != "dynamodb:GetItem":
        return False
    key = request.json()["Key"].get("key", {}).get("S", "")
    return str(key).startswith("res#")


def _listed(requests: list[Request]) -> str:
    return ", ".join(f"{count} {name}" for name, count in Counter(request.name for request in requests).items())
