"""Incidents as the ledger holds them: chains of entries with times of their own, written by the book that runs use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from nightcrew.clock import StoppedClock, stamp
from nightcrew.ledger.book import Book
from nightcrew.ledger.cases import mark
from nightcrew.ledger.memory import MemoryStore

THREE = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
WEB = "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890"
GROUP = "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/checkout-web"
STATUS, CPU = "AWS/EC2:StatusCheckFailed_Instance:high", "AWS/EC2:CPUUtilization:high"
ADA, BOB = (f"arn:aws:iam::123456789012:user/{name}" for name in ("ada", "bob"))
CAROL = "arn:aws:sts::123456789012:assumed-role/OnCall/carol@example.com"

Facts = list[dict[str, Any]]


@dataclass
class Chain:
    """The chain of one run, written entry by entry; ``after`` is seconds since its opening."""

    book: Book
    clock: StoppedClock
    began: datetime
    about: dict[str, Any] = field(default_factory=dict)

    def at(self, after: float) -> str:
        """That moment, as entries write it."""
        return stamp(self.began + timedelta(seconds=after))

    def write(self, after: float, kind: str, body: Mapping[str, Any]) -> None:
        """The next entry."""
        self.clock.sleep((self.began + timedelta(seconds=after) - self.clock.now()).total_seconds())
        self.book.write(kind, body)

    def change(self, after: float, title: str, call: str, facts: Facts, **more: Any) -> None:
        """What is about to be done."""
        body = {"title": title, "call": call, "parameters": {"InstanceIds": ["i-0abc1234def567890"]}, "undo": "none"}
        self.write(after, "change", {**body, **more, "facts": facts})

    def wait(self, after: float, title: str, facts: Facts, **more: Any) -> None:
        """What is waited for: with a ``call`` a poll, without one a pause."""
        self.write(after, "wait", {"title": title, "within": "600s", **more, "facts": facts})

    def close(self, after: float, outcome: str, words: str, facts: Facts, **more: Any) -> None:
        """How it ended."""
        body = {**self.about, "outcome": outcome, "started": self.at(0), "words": words, "changes": 0, "facts": facts}
        self.write(after, "closing", {**body, **more})


@dataclass
class Ledger:
    """A ledger in memory, and what is written into it."""

    store: MemoryStore = field(default_factory=MemoryStore)

    def opened(
        self,
        run: str,
        began: datetime,
        *,
        runbook: str = "restart-ec2-instance",
        resource: str = WEB,
        symptom: str = STATUS,
        alarm: str | None = "web-1-status",
        event: str | None = None,
        **more: Any,
    ) -> Chain:
        """A run that was admitted: four seconds after its alarm turned, where it has one."""
        clock = StoppedClock(began)
        chain = Chain(Book(self.store, clock, run), clock, began)
        chain.about = {"runbook": runbook, "resource": resource, "symptom": symptom}
        alarm = None if event else alarm
        chain.about["actor"] = f"alarm: {alarm}" if alarm else f"event: {event}" if event else ADA
        body: dict[str, Any] = {
            **chain.about,
            "by": "alarm" if alarm else "person",
            "parameters": {"instance_id": resource.rsplit("/", 1)[-1]},
            "lease": stamp(began + timedelta(hours=1)),
            "policy": "fb7e569be2e7",
            "autonomy": ["auto", "rules[0] (family: restart)"],
            "why": f"{runbook} answers it" if alarm else "started by hand",
        }
        if alarm:
            arn = f"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{alarm}"
            at = stamp(began - timedelta(seconds=4))
            body["alarm"] = {"arn": arn, "name": alarm, "at": at, "reason": "Threshold Crossed: 1 datapoint [1.0]"}
        if event:
            at = stamp(began - timedelta(seconds=4))
            body["alarm"] = {"arn": resource, "name": event, "at": at, "reason": "its hardware fails", "event": "e-1"}
        chain.write(0, "opening", {**body, **more})
        return chain

    def refused(self, run: str, at: datetime, gate: str, words: str, **more: Any) -> None:
        """A refusal."""
        body = {
            "runbook": "restart-ec2-instance",
            "resource": WEB,
            "symptom": STATUS,
            "outcome": "refused",
            "started": stamp(at),
            "actor": "alarm: web-1-status",
            "gate": gate,
            "words": words,
            "figures": {"cool_down_seconds": 900},
            "until": stamp(at + timedelta(minutes=9)),
            "policy": "fb7e569be2e7",
        }
        Book(self.store, StoppedClock(at), run).write("refusal", {**body, **more})

    def case(self, run: str, ended: datetime, outcome: str = "cured", **about: Any) -> None:
        """A run of before, from which nothing but its closing matters."""
        chain = self.opened(run, ended - timedelta(minutes=6), **about)
        chain.close(360, outcome, f"it ended as {outcome}", [])


def cured(ledger: Ledger, run: str = "20261121-030004-cured1", began: datetime = THREE, **about: Any) -> Chain:
    """Stopped, started, proved, and the alarm turned OK."""
    chain = ledger.opened(run, began, **about)
    seen = {"read": "find it", "call": "ec2:DescribeInstances", "value": {"state": "running"}, "at": chain.at(1)}
    held = [{"require": "it is running", "held": True}, {"require": "its root disk is EBS", "held": True}]
    chain.change(2, "stop it", "ec2:StopInstances", [seen, *held], undo="start it again")
    made = {"changed": "stop it", "how": "once", "tries": 1, "request": "q-1", "at": chain.at(3)}
    chain.wait(4, "it has stopped", [made], call="ec2:DescribeInstances", parameters={})
    waited = {"waited": "it has stopped", "met": True, "tries": 7, "since": chain.at(4), "at": chain.at(48)}
    chain.change(48, "start it", "ec2:StartInstances", [waited])
    made = {"changed": "start it", "how": "once", "tries": 2, "request": "q-2", "at": chain.at(49)}
    chain.wait(50, "both status checks pass", [made], call="ec2:DescribeInstanceStatus", parameters={})
    proved = {"proved": "both status checks pass", "met": True, "tries": 9, "since": chain.at(50), "at": chain.at(170)}
    chain.wait(170, "the alarm's OK, within 15 min", [proved], within="900s", callback="c-1")
    chain.wait(180, "the OK, held for 5 min", [], within="300s", callback="c-2")
    still = {"read": "is the alarm still OK?", "call": "cloudwatch:DescribeAlarms", "value": "OK", "at": chain.at(480)}
    chain.close(480, "cured", "i-0abc1234def567890 came back; the alarm is OK", [still], changes=2)
    return chain


def undone(ledger: Ledger, run: str = "20261121-040004-undone", began: datetime = THREE, **about: Any) -> Chain:
    """A person approved it; the second change failed; the first was taken back, as far as that went."""
    groups = {"held": ["arn:aws:ec2:eu-west-1:123456789012:group/web"], "level": "approve"}
    chain = ledger.opened(run, began, **about)
    ask = {"approval": "d6775518309e3b58dad2", "callback": "c-1", "within": "1800s"}
    chain.wait(2, "approve the plan", [{**groups, "at": chain.at(1)}], **ask)
    yes = {"asked": "approve the plan", "decision": "approved", "by": [CAROL], "hash": "d6775518309e3b58dad2"}
    chain.change(242, "stop it", "ec2:StopInstances", [{**yes, "at": chain.at(240)}], undo="start it again")
    made = {"changed": "stop it", "how": "looked: it had taken effect", "at": chain.at(244)}
    chain.change(250, "start it", "ec2:StartInstances", [made])
    said = {"kind": "refused", "code": "VcpuLimitExceeded", "message": "no <room> | here", "request": "q-9"}
    failed = {"changed": "start it", "how": "once", "error": said, "request": "q-9", "tries": 1, "at": chain.at(251)}
    chain.change(255, "start it again", "ec2:StartInstances", [failed], undoing=True)
    again = {"changed": "start it again", "how": "unknown", "person": "AWS did not answer 4 times", "at": chain.at(300)}
    left = [{"title": "stop it", "words": "start it again: AWS did not answer 4 times"}]
    words = "start it: VcpuLimitExceeded: no <room> | here"
    chain.close(301, "failed", words, [again], changes=3, error=said, not_undone=left, group=mark(groups["held"][0]))
    return chain
