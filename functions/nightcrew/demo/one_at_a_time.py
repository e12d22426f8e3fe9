"""One request to moto at a time: its backends are plain dicts, and who reads one while another writes fails.

The demo's cloud is asked by its own runs, by the console's pages and by other processes, each in a thread of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any
from unittest.mock import patch

from moto.core.responses import BaseResponse


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """For as long as the block lasts, what is asked of moto is answered before the next is."""
    ordinary = BaseResponse._dispatch  # noqa: SLF001  all services' requests come by here
    turn = RLock()  # an answer may ask something itself

    def dispatch(self: BaseResponse, *asked: Any, **more: Any) -> Any:
        with turn:
            return ordinary(self, *asked, **more)

    with patch.object(BaseResponse, "_dispatch", dispatch):
        yield
