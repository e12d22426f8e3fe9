"""A run on the local engine, started."""

from nightcrew.clock import Clock
from nightcrew.engine.local import Journal, LocalEngine
from nightcrew.engine.local.engine import Handler
from tests.engine.engines import Body, handler


def started(body: Body, journal: Journal, clock: Clock) -> LocalEngine:
    return started_on(handler(body), journal, clock)


def started_on(made: Handler, journal: Journal, clock: Clock) -> LocalEngine:
    engine = LocalEngine(made, journal, clock)
    engine.start("run", {})
    return engine
