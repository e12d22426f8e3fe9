"""Where AWS clients come from: the caller's own configuration, one Region, and, for an emulator, its endpoint."""

from threading import Lock
from typing import Any

from botocore.config import Config

from nightcrew.aws.calls import Place
from nightcrew.aws.models import session


class Clients:
    """Makes clients when they are needed: each costs 40 to 100 ms, and a run uses two or three.

    They come from botocore, as boto3's do: importing boto3 itself, with its S3 transfers, is a tenth of a cold start.
    ``credentials`` are those of an assumed role (``AccessKeyId``, ``SecretAccessKey``, ``SessionToken``); without them
    the caller's ordinary configuration holds.
    """

    def __init__(
        self, region: str | None = None, endpoint: str | None = None, credentials: dict[str, str] | None = None
    ) -> None:
        given = credentials or {}
        self._session = session()
        self._region, self._endpoint = region, endpoint
        self._turn = Lock()  # a session is one thread's at a time, its clients are everybody's (boto3, "Session")
        self._credentials = {
            "aws_access_key_id": given.get("AccessKeyId"),
            "aws_secret_access_key": given.get("SecretAccessKey"),
            "aws_session_token": given.get("SessionToken"),
        }

    def __call__(self, service: str, config: Config, place: Place | None = None) -> Any:
        """A client for ``service``, by botocore's name; for another place than usual, where one is given. An emulator
        stands for all places.
        """
        where = place or Place(self._region or "")
        with self._turn:
            return self._session.create_client(
                service,
                config=config,
                region_name=where.region or None,
                endpoint_url=self._endpoint or where.endpoint,
                **self._credentials,
            )
