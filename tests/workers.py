"""Tests side by side: ``-p tests.workers --workers 2`` collects once, then copies of this process run what is there.

pytest-xdist starts each worker anew, so each imports and collects everything, and its controller is told three times of
each test. With thousands of tests of a few milliseconds each that was a sixth of all work. Copies need ``fork``, which
is safe as long as nothing that was imported has begun a thread; macOS's own libraries do, so there it is xdist.
"""

import faulthandler
import os
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import groupby
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import pytest
from _pytest.faulthandler import (
    fault_handler_stderr_fd_key,
    get_exit_on_timeout_config_value,
    get_timeout_config_value,
)
from _pytest.terminal import TerminalReporter

PIECE = 15
"""Tests of one module that a worker takes at a time, about: so few that the last of them do not keep all waiting."""

Piece = range
"""Tests that follow each other, by their number among those collected."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many; below two all runs in this process, as without this plugin."""
    parser.addoption("--workers", type=int, default=1, help="processes that run tests side by side")


class Hooks:
    """What a conftest may say."""

    def pytest_before_workers(self) -> None:
        """Here may be loaded what every worker needs."""


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """One hook of our own."""
    pluginmanager.add_hookspecs(Hooks)


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """In place of pytest's own loop, where there is enough to share out."""
    workers, option = session.config.getoption("workers"), session.config.option
    alone = option.collectonly or option.usepdb or hasattr(session.config, "workerinput")  # that one is xdist's
    if workers < 2 or len(session.items) <= PIECE or session.testsfailed or alone:
        return None
    terminal = session.config.pluginmanager.getplugin("terminalreporter")
    if isinstance(terminal, TerminalReporter):
        terminal.showfspath = False  # lines of several modules would alternate
    session.config.hook.pytest_before_workers()
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # one for all, and made once
    crew = _Crew(session)
    try:
        crew.run(workers)
    finally:
        crew.end()
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)
    return True


def pieces(modules: Iterable[Path]) -> Iterator[Piece]:
    """From the module of each test: a module's tests together, since they share fixtures; a long one's in several."""
    first = 0
    for _, module in groupby(modules):
        length = sum(1 for _ in module)
        parts = max(1, round(length / PIECE))
        yield from (range(first + length * n // parts, first + length * (n + 1) // parts) for n in range(parts))
        first += length


class Left:
    """The pieces that nobody has yet."""

    def __init__(self, modules: Sequence[Path]) -> None:
        self.modules, self.pieces = modules, list(pieces(modules))

    def next(self, last: int | None = None) -> Piece:
        """For a worker whose last test is known: what its module has left, since its fixtures are up there; else a
        module that nobody has begun; else what is left of others'. Nothing, when all is given out.
        """
        own = None if last is None else self.modules[last]
        found = (
            next((piece for piece in self.pieces if self.modules[piece.start] == own), None)
            or next((piece for piece in self.pieces if self._begins(piece)), None)
            or next(iter(self.pieces), None)
        )
        if found is None:
            return range(0)
        self.pieces.remove(found)
        return found

    def give_back(self, tests: Iterable[int]) -> None:
        """These come next, each by itself."""
        self.pieces[:0] = [range(test, test + 1) for test in tests]

    def _begins(self, piece: Piece) -> bool:
        return piece.start == 0 or self.modules[piece.start - 1] != self.modules[piece.start]


class _Worker:
    """A copy of this process, and what it was given."""

    def __init__(self, session: pytest.Session, name: str, others: Iterable[Connection]) -> None:
        context = get_context("fork")
        self.line, theirs = context.Pipe()
        not_its_own = [self.line, *others]  # else it would never see that we are gone
        self.process = context.Process(target=_work, args=(session, theirs, not_its_own, name), name=name)
        self.process.start()
        theirs.close()
        self.todo: deque[int] = deque()
        self.last: int | None = None

    def give(self, piece: Piece) -> None:
        """More to do; nothing: it ends."""
        self.todo.extend(piece)
        self.last = piece[-1] if piece else None
        self.line.send(piece)


class _Crew:
    """The workers, and what none of them has yet."""

    def __init__(self, session: pytest.Session) -> None:
        self.session, self.hook = session, session.config.hook
        self.left = Left([item.path for item in session.items])
        self.workers: dict[Connection, _Worker] = {}
        self.started = 0

    def run(self, workers: int) -> None:
        """Until every worker has ended."""
        for _ in range(workers):
            self.start()
        while self.workers:
            for line in wait(list(self.workers)):
                assert isinstance(line, Connection)
                self.hear(self.workers[line])

    def start(self) -> None:
        """One more worker, with something to do."""
        self.started += 1
        worker = _Worker(self.session, f"worker-{self.started}", self.workers)
        self.workers[worker.line] = worker
        self.give(worker)

    def give(self, worker: _Worker) -> None:
        """What comes next; nothing, when all is given out or pytest was told to stop."""
        over = self.session.shouldfail or self.session.shouldstop
        worker.give(range(0) if over else self.left.next(worker.last))

    def hear(self, worker: _Worker) -> None:
        """What a worker tells: reports, a warning, that it begins its last test, that it stops; or it is gone."""
        try:
            what, told = worker.line.recv()
        except (EOFError, ConnectionResetError):
            self.gone(worker)
            return
        if what == "more":
            self.give(worker)
        elif what == "stopped":
            worker.todo.clear()
        elif what == "warned":
            message, category, file, number, when, nodeid, location = told
            warning = warnings.WarningMessage(message, category, file, number)
            self.hook.pytest_warning_recorded.call_historic(
                kwargs={"warning_message": warning, "when": when, "nodeid": nodeid, "location": location}
            )
        else:
            worker.todo.popleft()
            for data in told:
                report = self.hook.pytest_report_from_serializable(config=self.session.config, data=data)
                self.hook.pytest_runtest_logreport(report=report)

    def gone(self, worker: _Worker) -> None:
        """It ended. Where it had more to do, its test killed it: that one failed, and another worker does the rest."""
        del self.workers[worker.line]
        worker.process.join()
        if not worker.todo:
            return
        number = worker.todo.popleft()
        item = self.session.items[number]
        words = f"the process that ran this test ended with {worker.process.exitcode}"
        report = pytest.TestReport(item.nodeid, item.location, {}, "failed", words, "call")
        self.hook.pytest_runtest_logreport(report=report)
        self.left.give_back(worker.todo)
        self.start()

    def end(self) -> None:
        """Whoever is still there when this process is interrupted."""
        for worker in self.workers.values():
            worker.process.terminate()
            worker.process.join()


class _Teller:
    """Hooks of a worker: what happens there is told."""

    def __init__(self, config: pytest.Config, line: Connection) -> None:
        self.config, self.line = config, line
        self.reports: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self.config.hook.pytest_report_to_serializable(config=self.config, report=report)
        self.reports.append(data)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self) -> None:
        self.line.send(("ran", self.reports))
        self.reports = []

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: tuple[str, int, str] | None
    ) -> None:
        file, number = warning_message.filename, warning_message.lineno
        what = (str(warning_message.message), warning_message.category, file, number)
        self.line.send(("warned", (*what, when, nodeid, location)))


def _work(session: pytest.Session, line: Connection, not_its_own: list[Connection], name: str) -> None:
    """What a worker is: it ends with its tests, with Ctrl-C, and when nobody listens any more."""
    for each in not_its_own:
        each.close()
    _settle(session.config, line, name)
    with suppress(KeyboardInterrupt, EOFError, BrokenPipeError):
        _run(session, line, _watch(session.config))


def _watch(config: pytest.Config) -> Callable[[], None]:
    """Who hangs shows where, as with pytest's own watch, which starts a thread for each test: ours does for a piece."""
    plugins, seconds = config.pluginmanager, get_timeout_config_value(config)
    if seconds <= 0 or get_exit_on_timeout_config_value(config) or not plugins.has_plugin("faulthandler"):
        return lambda: None
    plugins.unregister(name="faulthandler")
    return partial(faulthandler.dump_traceback_later, seconds, file=config.stash[fault_handler_stderr_fd_key])


def _run(session: pytest.Session, line: Connection, watch: Callable[[], None]) -> None:
    """Its pieces, one after the other. What its tests hold goes with the last of them."""
    piece: Piece = line.recv()
    while piece:
        watch()
        for number in piece:
            after = number + 1
            if number == piece[-1]:  # the next test says which fixtures are kept
                line.send(("more", None))
                piece = line.recv()
                after = piece[0] if piece else len(session.items)
            following = session.items[after] if after < len(session.items) else None
            item = session.items[number]
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail or session.shouldstop:
                session._setupstate.teardown_exact(None)
                line.send(("stopped", None))
                return


def _settle(config: pytest.Config, line: Connection, name: str) -> None:
    """What a copy must have of its own: it prints nothing, catches its own output, and keeps files apart."""
    plugins = config.pluginmanager
    plugins.unregister(name="terminalreporter")
    plugins.register(_Teller(config, line))
    capture: Any = plugins.getplugin("capturemanager")
    capture.stop_global_capturing()
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
    capture.start_global_capturing()
    files: Any = config._tmp_path_factory  # type: ignore[attr-defined]
    files._basetemp = Path(files.getbasetemp()) / name
    files._basetemp.mkdir(mode=0o700)
