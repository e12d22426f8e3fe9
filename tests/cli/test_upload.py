"""`nightcrew upload`: what ran under break-glass goes into the ledger."""

from pathlib import Path
from typing import Any

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.dispatch.break_glass import files
from nightcrew.ledger.book import put_once
from nightcrew.ledger.disk import DiskStore
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import entries, items
from tests.cli.cloud import Demo
from tests.cli.desk import typed
from tests.cli.glass import ended


def test_the_account_s_own_tables_are_uploaded_to_without_the_demo(
    demo: Demo, reached: dict[str, Any], cut: dict[str, Any], glass: Path, auto_policy: Policy, catalog: Catalog
) -> None:
    """In the Region of the run's resource; and not while they cannot be reached."""
    run = ended(glass, demo, auto_policy, catalog)
    assert typed("upload", **cut).code == 1
    assert typed("upload", **{**reached, "AWS_REGION": "eu-west-1"}).code == 0
    assert len(items(demo.store, run)) == 6


def test_an_entry_that_says_something_else_is_told_and_left(
    demo: Demo, glass: Path, auto_policy: Policy, catalog: Catalog
) -> None:
    run = ended(glass, demo, auto_policy, catalog)
    mine = entries(DiskStore(files(glass)[0]), run)[1]
    other = Entry(run, 1, mine.kind, mine.at, {**mine.body, "title": "something else"}, mine.previous)
    demo.store.transact([put_once(other)])
    for _ in range(2):
        seen = typed("--demo", "upload", columns=80)
        assert seen.code == 1
        assert "the ledger has another one there (change); it was left as it is" in " ".join(seen.out.split())
        assert items(demo.store, run)[1] == other.to_item()
        assert len(items(demo.store, run)) == 2


def test_nothing_to_upload_is_nothing_to_do(demo: Demo) -> None:
    seen = typed("--demo", "upload")
    assert (seen.code, seen.out[:18]) == (0, "Nothing to upload ")
    assert typed("--demo", "upload", "--json").json == []
    assert typed("--demo", "upload", "20261121-030000-aaaaaaaa").code == 2
    del demo
