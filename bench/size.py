"""Measure 10: the artefact's size without boto3, where `make validate` built it. The suite's time comes later."""

from collections.abc import Iterator
from pathlib import Path

from bench.report import Row, not_taken

BUILT = Path(".aws-sam/build/IntakeFunction")
MOST = 15.0
"""Megabytes (10⁶ bytes), unzipped."""
BOTO3 = ("boto3", "botocore", "s3transfer")
"""With their data; what only they need (jmespath, dateutil, urllib3, six) counts as ours."""

NAME = "the artefact's size without boto3, unzipped"
GOAL = f"< {MOST:g} MB; the suite ≤ 90 s on two cores"


def measure() -> Row:
    """The larger half of the measure: half of it is not met."""
    if not BUILT.is_dir():
        return not_taken(10, NAME, "MB", GOAL, f"not taken: there is no {BUILT}; make validate builds it")
    megabytes = sum(_sizes()) / 1e6
    how = f"bytes of the files in {BUILT}; the suite's time is not taken yet, so it does not count as met"
    return Row(10, NAME, round(megabytes, 1), "MB", GOAL, met=False, how=how)


def _sizes() -> Iterator[int]:
    for path in BUILT.rglob("*"):
        if path.is_file() and path.relative_to(BUILT).parts[0].split("-")[0] not in BOTO3:
            yield path.stat().st_size
