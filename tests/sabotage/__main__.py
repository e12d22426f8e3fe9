"""``make sabotage``: breaks a copy of the code on purpose, one way at a time; a test must notice each.

Exits with 0 where every fault was noticed, with 1 where one survived, with 2 where it could not be tried: a patch that
no longer applies, a test that is red without any fault.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter

from tests.sabotage.fault import FAULTS, Fault, Unusable, faults
from tests.sabotage.tree import Tree
from tests.sabotage.trial import LONG, Row, attempt, run

ROOT = Path(__file__).resolve().parents[2]
REPORT = Path(".reports") / "sabotage.json"


def main(arguments: Sequence[str], root: Path = ROOT, folder: Path = FAULTS) -> int:
    """The command. ``root`` is the tree to copy, ``folder`` where the faults are."""
    parser = argparse.ArgumentParser(prog="make sabotage", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--list", action="store_true", help="say what would be broken, and break nothing")
    parser.add_argument("--only", metavar="NAME", action="append", default=[], help="this fault; may be repeated")
    parser.add_argument("--jobs", metavar="N", type=int, default=2, help="faults at a time (2)")
    options = parser.parse_args(arguments)
    try:
        chosen = _chosen(faults(folder), options.only)
        for fault in chosen:
            fault.made_in(root)
    except Unusable as unusable:
        return _wrong(str(unusable))
    if options.list:
        _say(*(f"{fault.name}: {fault.breaks}" for fault in chosen))
        return 0
    began = perf_counter()
    with tempfile.TemporaryDirectory(prefix="nightcrew-sabotage-") as place:
        trees = [Tree(root, Path(place) / str(number)) for number in range(max(options.jobs, 1))]
        whole = run(trees[0], _named(chosen), LONG, len(trees))
        if whole.red or not whole.ran:
            return _wrong(f"without any fault these must be green, or they prove nothing:\n{whole.said[-3000:]}")
        rows = _attempts(chosen, trees)
    survived = [row.fault for row in rows if row.result == "survived"]
    _say(f"\n{len(rows) - len(survived)} of {len(rows)} faults caught in {perf_counter() - began:.0f} s")
    if not options.only:
        _write([row.to_dict() for row in sorted(rows, key=lambda row: row.fault)], root / REPORT)
        _say(f"report: {REPORT}")
    if survived:
        _say(f"No test notices: {', '.join(sorted(survived))}")
    return 1 if survived else 0


def _chosen(known: Sequence[Fault], only: Sequence[str]) -> list[Fault]:
    strangers = set(only) - {fault.name for fault in known}
    if strangers or not known:
        raise Unusable(f"there is no fault {', '.join(sorted(strangers))}; --list names them")
    return [fault for fault in known if not only or fault.name in only]


def _named(chosen: Sequence[Fault]) -> list[str]:
    return list(dict.fromkeys(test for fault in chosen for test in fault.tests))


def _attempts(chosen: Sequence[Fault], trees: Sequence[Tree]) -> list[Row]:
    free: SimpleQueue[Tree] = SimpleQueue()
    for tree in trees:
        free.put(tree)

    def one(fault: Fault) -> Row:
        tree = free.get()
        try:
            return attempt(fault, tree, len(trees))
        finally:
            free.put(tree)

    width = max(len(fault.name) for fault in chosen)
    _say(f"{'fault':{width}}  seconds  caught by", f"{'-' * width}  -------  ---------")
    rows = []
    with ThreadPoolExecutor(len(trees)) as pool:
        try:
            for done in as_completed([pool.submit(one, fault) for fault in chosen]):
                row = done.result()
                rows.append(row)
                _say(f"{row.fault:{width}}  {row.seconds:7.1f}  {_told(row)}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return rows


def _told(row: Row) -> str:
    if row.result == "survived":
        return f"NOBODY: {row.breaks}" + (f"\n{row.said}" if row.said else "")
    more = f" and {len(row.caught_by) - 1} more" if len(row.caught_by) > 1 else ""
    green = f" (named, and green: {', '.join(row.stayed_green)})" if row.stayed_green else ""
    return f"{row.caught_by[0]}{more}{green}"


def _write(rows: Sequence[object], file: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _wrong(words: str) -> int:
    sys.stderr.write(f"sabotage: {words}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
