"""Where AWS clients come from: the caller's own configuration, one Region, and, for an emulator, its endpoint."""

from typing import Any

import boto3
from botocore.config import Config

from nightcrew.aws.models import session


class Clients:
    """Makes boto3 clients when they are needed: each costs 40 to 100 ms, and a run uses two or three.

    ``credentials`` are those of an assumed role (``AccessKeyId``, ``SecretAccessKey``, ``SessionToken``); without
    them the caller's ordinary configuration holds.
    """

    def __init__(
        self, region: str | None = None, endpoint: str | None = None, credentials: dict[str, str] | None = None
    ) -> None:
        given = credentials or {}
        self._session = boto3.Session(
            region_name=region,
            botocore_session=session(),
            aws_access_key_id=given.get("AccessKeyId"),
            aws_secret_access_key=given.get("SecretAccessKey"),
            aws_session_token=given.get("SessionToken"),
        )
        self._endpoint = endpoint

    def __call__(self, service: str, config: Config) -> Any:
        """A client for ``service``, by botocore's name."""
        return self._session.client(service, config=config, endpoint_url=self._endpoint)
