"""Measure 2: what a step costs: on our engine, on the SDK alone, and its AWS call bare.

One restart of an instance is recorded, and then carried out again and again, turn by turn: by the runbook on our
engine; by the same steps on the SDK alone, of the same kinds, with the same calls and the same journal; and by its
calls alone. Recorded answers stand for the network in all of them.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from aws_durable_execution_sdk_python import state

from bench.engines import Alone, Bare, Ours, Spent, empty
from bench.pairs import turns, undisturbed
from bench.recording import record
from bench.report import REPORT, Row
from bench.sdk_alone import STEPS
from nightcrew.authoring.catalog import Catalog

ROUNDS = 40
WARM_UP = 4
MOST, MOST_OVER = 2.0, 0.3
"""Milliseconds a step: in all, and over the SDK alone."""


def measure() -> Row:
    """Take turns. The figures are those of the rounds that nothing disturbed."""
    catalog = Catalog.load()
    recording = record(catalog)
    ours, alone, bare = Ours(recording, catalog), Alone(recording), Bare(recording)

    def hurried(take: Callable[[], Spent]) -> Spent:
        with _without_waiting():
            return take()

    REPORT.parent.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=REPORT.parent) as room:
        files = (Path(room) / f"{number}.db" for number in count())
        takes = (
            ours.take,
            alone.take,
            bare.take,
            lambda: ours.take(next(files)),
            lambda: hurried(ours.take),
            lambda: hurried(alone.take),
            empty(STEPS, at_most_once=True),
            empty(STEPS, at_most_once=False),
        )
        taken = [each[WARM_UP:] for each in turns(ROUNDS + WARM_UP, *takes)]
    engine, sdk, calls, synced, quick, quick_sdk, changes, others = (
        _a_step([each.body for each in spent]) for spent in taken
    )
    ledger = _a_step([each.ledger for each in taken[0]])
    around = 1000 * undisturbed([each.around for each in taken[0]])
    # The wait is the same in both and the noisiest part of each: the difference is told apart without it.
    over = quick - quick_sdk
    waits = 1000 * state._BLOCKED_CALLER_WAIT_SECONDS  # noqa: SLF001
    return Row(
        measure=2,
        name="a step on our engine, warm, in all",
        value=round(engine, 2),
        unit="ms a step",
        goal=f"≤ {MOST:g} in all; ≤ {MOST_OVER:g} over the SDK alone",
        met=engine <= MOST and over <= MOST_OVER,
        how=f"the {STEPS} steps of restart-ec2-instance, their calls among them; recorded answers, journal in memory, "
        f"first decile of {ROUNDS} rounds. The SDK alone {sdk:.2f}, bare calls {calls:.2f}. By kind, empty, on the SDK "
        f"alone: a change (two synchronous checkpoints) {changes:.2f}, any other step (one) {others:.2f}: in each "
        f"checkpoint the SDK waits {waits:.0f} ms for company. Without that wait ours is {quick:.2f} and the SDK alone "
        f"{quick_sdk:.2f}, so ours {over:+.2f}. Apart: ledger calls {ledger:.2f} a step; a journal on disk "
        f"{synced - engine:+.2f} a step; the end of an invocation {around:.0f} ms",
    )


def _a_step(seconds: Sequence[float]) -> float:
    """Milliseconds a step."""
    return 1000 * undisturbed(seconds) / STEPS


@contextmanager
def _without_waiting() -> Iterator[None]:
    """The SDK without its wait for company in a checkpoint: to tell what that costs, for nothing else."""
    kept = state._BLOCKED_CALLER_WAIT_SECONDS  # noqa: SLF001
    state._BLOCKED_CALLER_WAIT_SECONDS = 0.0  # noqa: SLF001
    try:
        yield
    finally:
        state._BLOCKED_CALLER_WAIT_SECONDS = kept  # noqa: SLF001
