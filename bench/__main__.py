"""``make bench``: take the measures, print their table, write ``.bench/report.json``."""

import argparse
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from bench import aws_calls, cold_start, history, matching, overhead, pages, recall, resume, size, storm, writes
from bench.labels import BadLabels, labels
from bench.report import REPORT, Row, merged, table, write

MEASURES: Mapping[int, Callable[[], Row]] = {
    1: cold_start.measure,
    2: overhead.measure,
    3: writes.measure,
    4: aws_calls.measure,
    5: storm.measure,
    6: matching.measure,
    7: history.measure,
    8: recall.measure,
    9: resume.measure,
    10: size.measure,
    11: pages.measure,
}


def main(arguments: list[str]) -> int:
    """Take those that are asked for, or all. Ends with 0 whatever the figures are: nothing here fails by time. With 2
    where what was given cannot be used.
    """
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--measure", type=int, action="append", choices=MEASURES, metavar="N", help="only this one; may be repeated"
    )
    parser.add_argument(
        "--labels", type=Path, metavar="FILE", help="another labelled set for measure 8; its form is in bench/README.md"
    )
    given = parser.parse_args(arguments)
    chosen = given.measure or ([8] if given.labels else list(MEASURES))
    measures = dict(MEASURES)
    if given.labels is not None:
        try:
            measures[8] = partial(recall.measure, labels(given.labels))
        except (BadLabels, OSError, UnicodeError) as error:
            parser.error(f"--labels: {error}")
    rows = []
    for number in sorted(set(chosen)):
        print(f"measure {number} …", file=sys.stderr, flush=True)
        rows.append(measures[number]())
    print(table(rows))
    write(merged(rows))
    print(f"\nwritten to {REPORT}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
