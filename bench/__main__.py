"""``make bench``: take the measures, print their table, write ``.bench/report.json``."""

import argparse
import sys
from collections.abc import Callable, Mapping

from bench import aws_calls, cold_start, later, matching, overhead, resume, size, storm, writes
from bench.report import REPORT, Row, merged, table, write

MEASURES: Mapping[int, Callable[[], Row]] = {
    1: cold_start.measure,
    2: overhead.measure,
    3: writes.measure,
    4: aws_calls.measure,
    5: storm.measure,
    6: matching.measure,
    7: later.history,
    8: later.recall,
    9: resume.measure,
    10: size.measure,
}


def main(arguments: list[str]) -> int:
    """Take those that are asked for, or all. Ends with 0 whatever the figures are: nothing here fails by time."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--measure", type=int, action="append", choices=MEASURES, metavar="N", help="only this one; may be repeated"
    )
    chosen = parser.parse_args(arguments).measure or list(MEASURES)
    rows = []
    for number in sorted(set(chosen)):
        print(f"measure {number} …", file=sys.stderr, flush=True)
        rows.append(MEASURES[number]())
    print(table(rows))
    write(merged(rows))
    print(f"\nwritten to {REPORT}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
