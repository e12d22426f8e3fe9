"""Runs for the lives to carry out, and what the ledger must tell of them afterwards."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from nightcrew import Run, calls, runbook
from nightcrew.admission.admit import admit
from nightcrew.admission.request import Request
from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import Call
from nightcrew.clock import Clock, SkippingClock
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.engine.local import Ended
from nightcrew.ledger.book import FencedOff
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import entries, items
from nightcrew.ledger.verify import verify
from tests.concurrency.arena import Arena
from tests.concurrency.asking import asked
from tests.concurrency.lives import Life, Points, Seat

POLICY = """
rules:
  - when: {family: restart}
    autonomy: auto
    budget_at_once: 1000
    budget_hour: 1000
"""
OPERATIONS = {"send it": "SendMessage", "set it": "SetQueueAttributes", "tag it": "TagQueue"}
"""The changes, and what each sends: one is repeated in doubt, one is looked at, and one a person must look at."""

sqs = calls("sqs")


def _url(name: str) -> str:
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"


def _attributes(name: str) -> Call:
    return sqs.get_queue_attributes(QueueUrl=_url(name), AttributeNames=["VisibilityTimeout"])


def _in_a_group(answer: Any) -> Surroundings:
    """So that there is something to hold."""
    del answer
    return Surroundings(groups=("autoscaling:autoScalingGroup:*:autoScalingGroupName/orders",))


_LOOKUP = Lookup("sqs:GetQueueAttributes", _attributes, _in_a_group)
Queue = Annotated[str, ResourceName("sqs", "{}", pattern="[a-z0-9-]+", example="orders", lookup=_LOOKUP)]


@runbook(
    family="restart",
    risk="low",
    by_hand=timedelta(minutes=1),
    permissions=["sqs:GetQueueAttributes", "sqs:SetQueueAttributes", "sqs:SendMessage", "sqs:TagQueue"],
    elsewhere=["sqs:SendMessage"],  # each round has a lock of its own, and all of them one queue
)
def change_thrice(run: Run, queue: Queue, seconds: int) -> str:
    """Three changes, and a proof. Each request says how many seconds, by which it is told from those of other runs."""
    url, look = _url(queue), _attributes(queue)
    wanted = {"VisibilityTimeout": str(seconds)}

    def is_set(answer: Any) -> bool:
        return bool(answer["Attributes"]["VisibilityTimeout"] == str(seconds))

    run.change("send it", sqs.send_message(QueueUrl=url, MessageBody=f"{seconds}"))
    run.change("set it", sqs.set_queue_attributes(QueueUrl=url, Attributes=wanted), took_effect=(look, is_set))
    run.change("tag it", sqs.tag_queue(QueueUrl=url, Tags={"seconds": f"{seconds}"}), once=True)
    run.prove("it is set", look, is_set, within=timedelta(minutes=1))
    return "changed thrice"


@dataclass
class Stage:
    """Seats for the lives, and a fresh run for each round. ``directory`` holds the journals, ``queue`` is changed."""

    seats: Sequence[Seat]
    arena: Arena
    directory: Path
    queue: str
    rounds: int = 0

    @property
    def seconds(self) -> int:
        """What this round's run sets."""
        return 100 + self.rounds

    def admitted(self) -> Request:
        """A run to be carried out, on a resource that no other run had."""
        self.rounds += 1
        for seat in self.seats:
            seat.scripted.reset()
        name = f"run-{self.rounds}"
        resource = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        request = asked(self.arena.clock, name, resource, runbook="change-thrice")
        request = replace(request, parameters={"queue": self.queue, "seconds": self.seconds})
        admit(request, self.arena.stores[0], self.arena.clock)
        return request

    def live(self, seat: int, request: Request, journal: int, clock: Clock, points: Points) -> Life:
        """A life of a run, over one of its journals."""
        path = self.directory / f"{request.run}-{journal}.db"
        return self.seats[seat].live(request.run, self.arena.tables, path, clock, points)

    def undisturbed(self) -> list[str]:
        """Every point of a life that nobody disturbs."""
        request = self.admitted()
        life = self.live(0, request, 0, SkippingClock(), Points())
        told = Told(self, request)
        told.truly([], [life.end()])
        assert set(told.how.values()) == {"once"}
        return life.points.passed

    def play(
        self,
        *held: str | None,
        journals: bool = False,
        eldest_first: bool = False,
        clocks: Sequence[Clock] | None = None,
    ) -> "Told":
        """One life after the other begins, each when the one before it is held or over; then they go on to their
        ends, one after the other. With ``journals`` each has its own. What the ledger tells then is true.
        """
        request = self.admitted()
        # Each has a clock of its own, and no two show the same time.
        clocks = clocks or [SkippingClock(timedelta(seconds=number)) for number in range(len(held))]
        lives: list[Life] = []
        for number, point in enumerate(held):
            lives.append(self.live(number, request, number if journals else 0, clocks[number], Points(point)))
            lives[-1].arrive()
        ends = [life.end() for life in (lives if eldest_first else reversed(lives))]
        told = Told(self, request)
        told.truly([point for point in held[:-1] if point is not None], ends)
        return told


class Told:
    """What the ledger tells of a run, and what was sent."""

    def __init__(self, stage: Stage, request: Request) -> None:
        self._stage = stage
        self._request = request
        self._store = stage.arena.stores[0]

    @property
    def chain(self) -> list[Entry]:
        """The run's entries. They are verified."""
        assert verify(items(self._store, self._request.run)) == []
        return entries(self._store, self._request.run)

    @property
    def how(self) -> dict[str, str]:
        """How each change went, as the entries after it tell."""
        facts = [fact for entry in self.chain for fact in entry.body.get("facts", ())]
        return {fact["changed"]: fact["how"] for fact in facts if "changed" in fact}

    @property
    def sent(self) -> Counter[str]:
        """How often each operation was sent for this run, by all its lives."""
        log = [sent for seat in self._stage.seats for sent in seat.scripted.sent if sent.changes]
        assert all(str(self._stage.seconds) in str(sent.parameters) for sent in log), "an earlier round goes on"
        return Counter(sent.operation for sent in log)

    def truly(self, held: Collection[str], ends: Sequence[Ended | BaseException]) -> None:
        """Every change that was sent is told, and as often as it was sent; and the run is closed once."""
        titles = [str(entry.body["title"]) for entry in self.chain if entry.kind == "change"]
        assert len(set(titles)) == len(titles)
        for title, operation in OPERATIONS.items():
            late = sum(point in {f"after change {title}", f"before {operation}"} for point in held)
            least, most = self._bounds(title, titles, late, 1 + len(held))
            assert least <= self.sent[operation] <= most, f"{title}: {self.sent}, told: {self.how}, held: {held}"
        self.closed(ends)

    def closed(self, ends: Sequence[Ended | BaseException]) -> None:
        """The run is closed once, its lock is released, and who says how it ended says what the ledger says."""
        chain = self.chain
        assert [entry.kind for entry in chain].count("closing") == 1
        assert chain[-1].kind == "closing"
        assert (self._store.get("state", {"key": self._request.lock}) or {}).get("owner") != self._request.run
        for end in ends:
            if isinstance(end, FencedOff):
                continue
            assert isinstance(end, Ended), end
            assert end.status in {"SUCCEEDED", "SUPERSEDED"}, end
            if end.status == "SUCCEEDED":
                assert end.result["outcome"] == chain[-1].body["outcome"]

    def _bounds(self, title: str, titles: list[str], late: int, lives: int) -> tuple[int, int]:
        """How often it was sent, at least and at most, if the ledger tells the truth.

        A life that was overtaken between its entry and its call sends that call all the same: nothing can stop it.
        ``late`` counts these. The later life tells then that it did not know, never that it was done once.
        """
        if title not in titles:
            return 0, 0
        match self.how.get(title):
            case "once":
                return 1, 1
            case "repeated":
                return 1, lives
            case "looked: it had taken effect" | "looked: it had not; called":
                return 1, 1 + late
            case "looked: it had not":
                return 0, late
            case _:
                return 0, max(1, late)
