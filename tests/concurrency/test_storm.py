"""A storm: one alarm ten thousand times, and many alarms on few resources, all at the same moment."""

from collections import Counter
from dataclasses import replace

import pytest

from nightcrew.admission.admit import settled
from nightcrew.admission.request import lock_key
from nightcrew.admission.settings import Setting, Share
from nightcrew.dispatch.decided import Decided
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import BECAUSE, SETTINGS, Answer, asked, deliver, group, holds, insist, instance
from tests.concurrency.crews import Crews
from tests.concurrency.report import Report

pytestmark = pytest.mark.concurrency


def test_one_alarm_ten_thousand_times_is_one_run(arena: Arena, report: Report) -> None:
    """Sixteen processes get 625 copies each. Every sixth copy meets one that remembers nothing."""
    crews = Crews(arena, ["storm"])
    signal = crews.signal("storm", arena.clock.now())

    def work(number: int, worker: int) -> str:
        door = crews.dispatchers[worker]
        if number % 6 == 5:
            door = replace(door, decided=Decided())
        answer = insist(lambda: door.signal(signal))
        return answer.kind if answer.kind == "admitted" else str(answer.gate)

    told = Counter(each for round_ in arena.race(625, work) for each in round_)
    (run,) = crews.started
    chains = arena.chains()
    assert [entry.kind for entry in chains[run]] == ["opening"]
    assert len(chains) == 1
    assert told["claim"] + told["admitted"] == 10_000
    assert told["admitted"] <= WORKERS, "who met it before it was started started it, too: by its name"
    report.add("one alarm 10,000 times", rounds=625, workers=WORKERS, winners=1, refused=told["claim"])


@pytest.mark.parametrize("weather", ["calm", "storm"])
def test_many_alarms_start_one_run_a_resource_and_one_a_group(arena: Arena, report: Report, weather: str) -> None:
    """Ten alarms on each of sixteen resources, in four groups of which one member may be worked on at a time."""
    settings = replace(SETTINGS, budget_at_once=Setting(Share(1), BECAUSE))
    arena.set(weather)

    def work(number: int, worker: int) -> tuple[Answer, bool | None]:
        # Each round is of one alarm on each resource; who comes when is the scheduler's.
        store, resource = arena.stores[worker], (worker + number) % WORKERS
        wish = asked(
            arena.clock,
            f"run-{number}-{worker}",
            instance(f"i-{resource}"),
            alarm=f"alarm-{number}-{resource}",
            settings=settings,
        )
        answer = deliver(store, arena.clock, wish)
        insist(lambda: settled(answer.request, store))
        if answer.run is None:
            return answer, None
        return answer, holds(answer.request, [group(f"g-{resource // 4}")], store, arena.clock)

    answers = [each for round_ in arena.race(10, work) for each in round_]
    befallen = arena.befallen()
    arena.set("calm")

    chains, state = arena.chains(), arena.state()
    admitted = [(answer, held) for answer, held in answers if answer.run is not None]
    assert {answer.request.resource for answer, _ in admitted} == {instance(f"i-{each}") for each in range(WORKERS)}
    assert len(admitted) == WORKERS
    assert sum(held is True for _, held in admitted) == 4
    for answer, held in answers:
        if held is None:
            entry = answer.refused(chains, state)
            assert entry.body["gate"] in {"lock", "claim"}
            assert entry.body["figures"]["run"] == state[lock_key(answer.request.resource)]["owner"]
    report.add(
        f"160 alarms on 16 resources in 4 groups, {weather}",
        rounds=10,
        workers=WORKERS,
        winners=WORKERS,
        refused=len(answers) - WORKERS,
        conflicts=befallen,
    )
