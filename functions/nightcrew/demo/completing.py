"""How the embedded cloud gets what moto has not: methods of its own, for as long as a block lasts."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from moto import backend_index, backends


@contextmanager
def with_service(service: str, kept: Any, address: str) -> Iterator[None]:
    """Within the block moto has a service of ours, too: its backends by account and Region, found by this address."""
    ordinary = backends.get_backend

    def found(name: Any) -> Any:
        return kept if name == service else ordinary(name)

    pattern = (service, re.compile(address))
    backend_index.backend_url_patterns.append(pattern)
    try:
        with patch.object(backends, "get_backend", found):
            yield
    finally:
        backend_index.backend_url_patterns.remove(pattern)


@contextmanager
def with_methods(kind: type, methods: Mapping[str, Callable[..., Any]]) -> Iterator[None]:
    """``kind`` has these methods within the block. Blocks may stand in one another: each puts back what it found."""
    with ExitStack() as stack:
        for name, method in methods.items():
            stack.enter_context(patch.object(kind, name, method, create=True))
        yield
