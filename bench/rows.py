"""Endings of runs, as many as are wanted, the newest first, and the same ones each time: what fills a table on disk.

Half of them are about ten noisy resources, the rest about thousands. They are endings alone: their chains would only
be more items that no index holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any

from nightcrew.clock import stamp
from nightcrew.ledger.cases import mark
from nightcrew.ledger.entries import Entry

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
"""A Saturday: the newest of them ended in the same week."""

NOISY, QUIET = 10, 5_000
"""Resources that half of the rows are about, and those of the other half."""

ACCOUNT = "eu-west-1:123456789012"


@dataclass(frozen=True)
class _Kind:
    """A kind of resource: its ARN, the runbook that answers for it, and its symptoms."""

    arn: str
    runbook: str
    symptoms: tuple[str, ...]


_KINDS = (
    _Kind(
        f"arn:aws:ec2:{ACCOUNT}:instance/i-{{0:017x}}",
        "restart-ec2-instance",
        ("AWS/EC2:StatusCheckFailed_Instance:high", "AWS/EC2:StatusCheckFailed:high", "CWAgent:mem_used_percent:high"),
    ),
    _Kind(
        f"arn:aws:rds:{ACCOUNT}:db:orders-{{0}}",
        "reboot-rds-instance",
        ("AWS/RDS:DatabaseConnections:high", "AWS/RDS:CPUUtilization:high", "AWS/RDS:ReplicaLag:high"),
    ),
    _Kind(
        f"arn:aws:ecs:{ACCOUNT}:service/main/web-{{0}}",
        "roll-ecs-service",
        ("AWS/ECS:MemoryUtilization:high", "AWS/ApplicationELB:HTTPCode_Target_5XX_Count:high"),
    ),
    _Kind(
        f"arn:aws:autoscaling:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/workers-{{0}}",
        "scale-out-auto-scaling-group",
        ("AWS/EC2:CPUUtilization:high", "AWS/SQS:ApproximateAgeOfOldestMessage:high"),
    ),
    _Kind(
        f"arn:aws:lambda:{ACCOUNT}:function:import-{{0}}",
        "raise-lambda-concurrency",
        ("AWS/Lambda:Throttles:high", "AWS/Lambda:Errors:high", "AWS/Lambda:Duration:high"),
    ),
    _Kind(
        f"arn:aws:elasticache:{ACCOUNT}:replicationgroup:sessions-{{0}}",
        "failover-elasticache",
        ("AWS/ElastiCache:EngineCPUUtilization:high", "AWS/ElastiCache:Evictions:high"),
    ),
)
_TEAMS = (
    "atlas birch cedar delta ember fjord grove hazel inlet jade karst larch mesa nimbus onyx prism quartz raven slate "
    "tundra umber violet willow xenon yarrow zephyr basalt cobalt dune ether flint garnet heron iris juniper kelp "
    "lotus maple nectar opal"
)
_TROUBLES = (
    "no-heartbeat certificate-expiring job-overdue disk-full login-failures cache-misses sync-stalled export-stuck "
    "import-slow pool-exhausted thread-starvation webhook-retries batch-late feed-stale quota-near-limit"
)
_ERRORS = (
    "InsufficientInstanceCapacity RequestLimitExceeded InvalidDBInstanceState ServiceNotActiveException "
    "ResourceConflictException InvalidReplicationGroupState AccessDenied OperationNotPermitted IncorrectInstanceState"
)
_OUTCOMES = (*["cured"] * 7, *["refused"] * 6, *["failed"] * 3, *["ineffective"] * 2, "succeeded", "declined")
_GATES = ("lock", "cool-down", "chain", "budget", "flap")


def endings(apart: timedelta) -> Iterator[Entry]:
    """Closings and refusals, each ``apart`` before the one ahead of it, the newest one such time before ``NOW``."""
    for number in count():
        yield _ending(number, NOW - (number + 1) * apart)


def resource(number: int) -> str:
    """The ARN of a resource; those below ``NOISY`` are the noisy ones."""
    return _KINDS[number % len(_KINDS)].arn.format(number)


def run_id(at: datetime, number: int) -> str:
    """A run's id, as Nightcrew makes them."""
    return f"{at:%Y%m%d-%H%M%S}-{_drawn(number, 0) % 36**6:06x}"[:22]


def ending(run: str, at: datetime, body: dict[str, Any]) -> Entry:
    """A closing, or the one entry of a refusal."""
    if body["outcome"] == "refused":
        return Entry(run, 0, "refusal", at, body, "")
    return Entry(run, 6, "closing", at, body, sha256(run.encode()).hexdigest())


def _ending(number: int, at: datetime) -> Entry:
    drawn = _drawn(number, 1)
    about = drawn % NOISY if drawn & 1 << 40 else NOISY + (drawn >> 8) % QUIET
    kind = _KINDS[about % len(_KINDS)]
    if drawn >> 42 & 7:
        symptom = kind.symptoms[(drawn >> 20) % len(kind.symptoms)]
    else:
        symptom = f"{_word(_TEAMS, about)}-{_word(_TROUBLES, drawn >> 24)}"
    outcome = _OUTCOMES[(drawn >> 30) % len(_OUTCOMES)]
    took = timedelta(milliseconds=20_000 + (drawn >> 12) % 1_800_000)
    body: dict[str, Any] = {
        "runbook": kind.runbook,
        "resource": resource(about),
        "symptom": symptom,
        "outcome": outcome,
        "started": stamp(at - took),
        "actor": f"alarm: {symptom.replace(':', '-').replace('/', '-')}-{about}",
        "words": f"{outcome} after {took.seconds} s: the alarm was looked at once more, and says what it says",
    }
    if outcome == "refused":
        body |= {"gate": _GATES[(drawn >> 50) % len(_GATES)], "figures": {"most": 2, "runs": 3}}
    else:
        body |= {"changes": drawn % 4, "group": mark(f"group-{about // 8}"), "facts": [_fact(at)]}
    if outcome == "failed":
        body["error"] = {"code": _word(_ERRORS, drawn >> 52), "message": "it was refused", "request": "r-1"}
    return ending(run_id(at, number), at, body)


def _fact(at: datetime) -> dict[str, str]:
    return {"at": stamp(at), "call": "cloudwatch:DescribeAlarms", "read": "is the alarm still OK?", "value": "OK"}


def _word(words: str, number: int) -> str:
    choice = words.split()
    return choice[number % len(choice)]


def _drawn(number: int, stream: int) -> int:
    """64 bits that look drawn, the same each time (source: G. L. Steele et al., "Fast splittable pseudorandom number
    generators", 2014: SplitMix64's finalizer).
    """
    bits = (number * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    return bits ^ bits >> 31
