"""A night shift of a test's own: one runbook on one queue, driven as far as it goes, answered, cancelled, halted."""

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from nightcrew import runbook
from nightcrew.admission.approvals import decide
from nightcrew.admission.cancelling import Cancel, cancel
from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_file import load
from nightcrew.authoring.catalog import Catalog
from nightcrew.clock import SkippingClock, stamp
from nightcrew.demo.embedded import ACCOUNT, REGION, Crew
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.engine.handler import durable_handler
from nightcrew.engine.local import Ended, Journal, LocalEngine
from tests.house import House
from tests.queues import a_queue

_names = (f"shift-{number}" for number in itertools.count(1))
ADA, BOB, CYD = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("ada", "bob", "cyd"))
DEFAULTS = "defaults: {breaker: 10000, cool_down: 1s, flap_changes: 100, chain: 100}\n"


def policy(level: str = "auto", more: str = "", queue: str = "") -> Policy:
    """What lets the runbooks of a test run: by itself, after approval; an alarm named after the queue is bound."""
    rules = f"rules:\n  - {{when: {{family: restart}}, autonomy: {level}{more and f', {more}'}}}\n"
    bound = f"bindings:\n  - {{alarm: '*{queue}*', runbook: remedy, parameters: {{queue: {queue}}}}}\n" if queue else ""
    return load(DEFAULTS + rules + bound)


@dataclass
class Shift:
    """``remedy`` is the only runbook, unless more are given; ``news`` is what people were told."""

    house: House
    queue: str
    journal: Journal
    news: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @classmethod
    def build(
        cls,
        house: House,
        remedy: Callable[..., Any],
        *,
        level: str = "auto",
        more: str = "",
        also: tuple[Callable[..., Any], ...] = (),
        at: str | Path = ":memory:",
        **declared: Any,
    ) -> "Shift":
        """Wire it over the warm cloud, and the house's store; its journal is kept ``at`` a file, or in memory."""
        queue = a_queue(house, next(_names))
        remedy.__name__ = "remedy"
        clock = SkippingClock()
        permissions = ["sqs:GetQueueAttributes", "sqs:SetQueueAttributes"]
        given = {"family": "restart", "risk": "low", "by_hand": timedelta(minutes=1), "permissions": permissions}
        made = []
        for function in (remedy, *also):
            function.__doc__ = function.__doc__ or "A runbook of a test."
            made.append(runbook(**{**given, **declared})(function))
        built = House.build(
            house.crew.clients, house.scripted, Catalog(made), policy(level, more, queue), clock, house.crew.store
        )
        journal = Journal(at, clock)
        shift = cls(built, queue, journal)

        def answer(callback: str, value: Any) -> bool:
            return engine.answer(callback, value)

        def tell(kind: str, what: Mapping[str, Any]) -> None:
            json.dumps(what)
            shift.news.append((kind, dict(what)))

        installation = replace(built.crew.installation, answer=answer, news=tell)
        engine = LocalEngine(durable_handler(lambda: installation), journal, clock)
        dispatcher = Dispatcher(installation, lambda run: engine.start(run, {"run": run}))
        built.crew = Crew(installation, engine, dispatcher, built.crew.clients)
        return shift

    @property
    def crew(self) -> Crew:
        """Its crew."""
        return self.house.crew

    def now(self) -> Any:
        """The time."""
        return self.crew.installation.clock.now()

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.crew.installation.clock.sleep(seconds)

    def by_hand(self, runbook: str = "remedy") -> str:
        """Ada starts it; the run's id. Nothing of it is carried out yet."""
        answer = self.crew.dispatcher.person(runbook, {"queue": self.queue}, actor=ADA, account=ACCOUNT, region=REGION)
        assert answer.run is not None, answer
        return answer.run

    def on(self, run: str) -> Ended:
        """Carry it on as far as it goes without time passing."""
        return self.crew.engine.drive(run, until=self.now())

    def through(self, run: str) -> dict[str, Any]:
        """Carry it to its end, letting time pass; its outcome and words."""
        ended = self.crew.engine.drive(run)
        assert ended.status == "SUCCEEDED", ended
        result: dict[str, Any] = ended.result
        return result

    def waits(self, run: str) -> list[str]:
        """The titles of what it waits for."""
        return list(self.journal.callbacks(run).values())

    def decide(self, run: str, who: str = BOB, *, approve: bool = True, **more: Any) -> None:
        """Somebody decides, and the run is answered, if that was enough."""
        decided = decide(self.crew.store, run, by=who, approve=approve, now=self.now(), **more)
        if decided.callback is not None:
            self.crew.engine.answer(decided.callback, decided.value)

    def cancel(self, run: str, reason: str = "never mind") -> Cancel:
        """Ada cancels it, and what it waits for is answered."""
        done = cancel(self.crew.store, run, by="ada", reason=reason, now=self.now())
        if done.callback is not None:
            self.crew.engine.answer(done.callback, done.value)
        return done

    def event(self, event: Mapping[str, Any], *, state: str = "OK") -> dict[str, Any]:
        """The queue's own alarm, as it fires now; ``state`` is what it says when it is asked later."""
        return self.house.alarmed(event, {"QueueName": self.queue}, state=state)

    def fires(self, event: Mapping[str, Any]) -> Answer:
        """An event comes in; nothing of what it starts is carried out yet."""
        return self.crew.dispatcher.event(event)

    def turns_ok(self, event: Mapping[str, Any]) -> Answer:
        """The same alarm's OK, a second later at least."""
        self.pass_time(1)
        sent = json.loads(json.dumps(event))
        sent["id"] = f"{sent['id']}-ok"
        detail = sent["detail"]
        detail["previousState"], detail["state"] = detail["state"], {**detail["state"], "value": "OK"}
        detail["state"]["timestamp"] = sent["time"] = stamp(self.now())
        return self.crew.dispatcher.event(sent)

    def says(self, event: Mapping[str, Any], state: str) -> None:
        """What the alarm says from now on, when it is asked."""
        name = str(event["detail"]["alarmName"])
        self.crew.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="the test")

    def kinds(self) -> list[str]:
        """The kinds of news, in order."""
        return [kind for kind, _ in self.news]
