"""One loader of botocore's models for all sessions of a process, moto's among them.

moto asks a session of its own for the Regions of each service, and that reads the service's whole model for one name in
it: EC2's alone, three times, is a second.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from botocore.loaders import Loader, create_loader

from nightcrew.aws.models import LOADER


@contextmanager
def models_once() -> Iterator[None]:
    """For as long as the block lasts, who makes a session gets Nightcrew's loader, unless models of one's own are
    configured.
    """

    def loader(path: str | None = None) -> Loader:
        return create_loader(path) if path else LOADER

    with patch("botocore.session.create_loader", loader):
        yield
