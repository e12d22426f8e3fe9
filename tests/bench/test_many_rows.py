"""Measures 7 and 8 on small tables: what is counted of large ones holds there too."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice, pairwise

import pytest

from bench import history, recall
from bench.labels import labels
from bench.log import Log, logged
from bench.report import Row
from bench.rows import NOW, endings
from nightcrew.demo.embedded import clients_of
from nightcrew.knowledge.recall.recall import MOST_READS
from nightcrew.knowledge.recall.similarity import Case, rank
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.schema import definitions
from nightcrew.ledger.store import Store, client_config
from nightcrew.ledger.transaction import Piece
from nightcrew.ledger.values import wire_item

ROWS = history.ledger(60)


@pytest.fixture(scope="module")
def table(cloud: None) -> Iterator[tuple[Store, Log]]:
    """Sixty rows, and the log of what is asked of them."""
    with logged() as log:
        client = clients_of()("dynamodb", client_config())
        client.create_table(**definitions(ROWS.tables)[0])
        puts = [{"PutRequest": {"Item": wire_item(item)}} for _, item in ROWS.rows()]
        for first in range(0, len(puts), 25):
            client.batch_write_item(RequestItems={ROWS.tables.ledger: puts[first : first + 25]})
        yield Store(client, ROWS.tables), log
        client.delete_table(TableName=ROWS.tables.ledger)


def test_a_page_reads_one_row_more_than_it_shows_in_one_query_and_one_unit(table: tuple[Store, Log]) -> None:
    """So it costs the same, whatever lies below it."""
    first, took = history.page(*table, {})
    second, again = history.page(*table, {}, first.after)
    assert len(first.rows) == len(second.rows) == history.ROWS
    assert [row.ended for row in (*first.rows, *second.rows)] == [
        each.at for each in islice(endings(history.APART), 40)
    ]
    for page in (took, again):
        assert (page.requests, page.items) == (("Query",), history.ROWS + 1)
        assert page.units <= history.MOST_UNITS
    assert took.times(again) <= history.MOST


def test_what_grew_most_tells() -> None:
    """A page that takes a second query is twice as dear, whatever its bytes."""
    one = history.Took(("Query",), 20, 5000, 1.0)
    assert history.Took(("Query", "Query"), 20, 5000, 1.0).times(one) == 2
    assert history.Took(("Query",), 20, 7000, 1.0).times(one) == 1.4


@pytest.mark.parametrize(("size", "units"), [(0, 0.5), (4096, 0.5), (4097, 1), (8192, 1), (8193, 1.5)])
def test_a_query_costs_half_a_unit_for_each_four_kilobytes(size: int, units: float) -> None:
    """Source: the DynamoDB developer guide, "Read and write operations": eventually consistent."""
    assert history.read_units(size) == units


def test_rows_are_the_same_each_time_and_go_back_in_time() -> None:
    """A table of fewer rows has the newest of a larger one: each is an ending in its index's own week."""
    made = [*islice(endings(timedelta(minutes=10)), 50)]
    assert made == [*islice(endings(timedelta(minutes=10)), 50)]
    assert all(older.at < newer.at < NOW for newer, older in pairwise(made))
    assert {each.kind for each in made} == {"closing", "refusal"}
    assert len({each.run for each in made}) == 50
    assert all("week" in each.to_item() for each in made)


def test_recall_finds_what_a_scan_finds_of_the_labelled_set() -> None:
    """Here among few rows. The bench asks all the questions, among a hundred thousand."""
    known = labels()
    known = replace(known, queries=known.queries[::10])
    store, cases = MemoryStore(), list[Case]()
    for table, item in recall.ledger(known, 10).rows():
        key = {name: item[name] for name in (("run", "number") if table == "ledger" else ("key",))}
        store.transact([Piece(table, key, "bench", put=item)])
        cases += [case] if (case := Case.from_index(item)) is not None else []
    names = {entry.run: name for name, entry in recall.runs(known).items()}
    ours, theirs = 0.0, 0.0
    for found in recall.asked(store, known):
        ours += found.recalled(names, found.runs)
        theirs += found.recalled(names, [each.case.run for each in rank(found.question, cases, NOW, recall.AT)])
        assert found.reads <= MOST_READS
    assert ours / theirs >= recall.LEAST
    assert theirs / len(known.queries) >= 0.8


def test_of_many_relevant_runs_five_are_all_that_can_be_found() -> None:
    known = labels()
    query = replace(known.queries[0], relevant=frozenset("abcdefgh"))
    found = recall.asked(MemoryStore(), replace(known, queries=(query,)))[0]
    names = {f"run-{name}": name for name in "abcdefghx"}
    assert found.recalled(names, ["run-a", "run-b", "run-c", "run-d", "run-e"]) == 1
    assert found.recalled(names, ["run-a", "run-x", "unlabelled"]) == 0.2


@pytest.mark.parametrize("measure", [history.measure, recall.measure])
def test_without_node_a_measure_says_so_and_is_not_met(
    measure: Callable[[], Row], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    row = measure()
    assert (row.met, row.value) == (False, None)
    assert "node and npm are needed" in row.how
