"""The way of a request from botocore to moto, without what is worked out anew for each one.

Two halves, each with what it leaves out: how botocore sends, and how moto receives. What is said stays the same:
parameters are checked and written by botocore, each event that somebody may listen to is heard, moto answers, and
botocore reads the answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from nightcrew.demo.quick_arrivals import quick_arrivals
from nightcrew.demo.quick_sending import quick_sending


@contextmanager
def quick_requests() -> Iterator[None]:
    """For as long as the block lasts, requests reach moto sooner; they say the same."""
    with quick_sending(), quick_arrivals():
        yield
