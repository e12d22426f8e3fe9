"""The caller's own AWS: clients by their ordinary configuration, and who they are. Whatever is missing is said in a
sentence.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

from botocore import exceptions as aws
from botocore.config import Config

from nightcrew.aws.calls import Place
from nightcrew.aws.models import session
from nightcrew.cli.exits import NotHere
from nightcrew.errors import Unreachable

# Who has no network should know within seconds.
_ASKING = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=3, read_timeout=5)

_SIGNED_OUT = (aws.SSOTokenLoadError, aws.UnauthorizedSSOTokenError, aws.TokenRetrievalError, aws.LoginError)
_NOT_A_SERVER = (aws.ConnectionError, aws.HTTPClientError)


@dataclass(frozen=True)
class Who:
    """Where a command acts, and for whom: ``actor`` is the caller's ARN."""

    account: str
    region: str
    actor: str


class Account:
    """Makes clients of the caller's account; raises NotHere where there is no such profile, or no Region."""

    def __init__(self, region: str | None = None, profile: str | None = None) -> None:
        self._session = session()
        self._turn = Lock()  # a session is one thread's at a time, its clients are everybody's (boto3, "Session")
        if profile is not None:
            self._session.set_config_variable("profile", profile)
        with spoken():
            self._session.get_scoped_config()  # here a profile that there is not is found out
            configured = self._session.get_config_variable("region")
        # botocore itself reads only AWS_DEFAULT_REGION; the other SDKs, and people, AWS_REGION.
        self.region = region or os.environ.get("AWS_REGION") or configured
        if not self.region:
            raise NotHere("no AWS Region is set", "say --region eu-west-1 before the command, or set AWS_REGION")

    def __call__(self, service: str, config: Config, place: Place | None = None) -> Any:
        """A client for ``service``, by botocore's name; for another place than usual, where one is given."""
        where = place or Place(str(self.region))
        with spoken(), self._turn:
            return self._session.create_client(service, where.region, endpoint_url=where.endpoint, config=config)

    def who(self) -> Who:
        """The caller, as AWS knows them. Raises NotHere, Unreachable."""
        with spoken():
            caller = self("sts", _ASKING).get_caller_identity()
        return Who(caller["Account"], self.region, caller["Arn"])


@contextmanager
def spoken() -> Iterator[None]:
    """What botocore says when it has nobody to speak for, or nobody to speak to, in words that tell what to do."""
    try:
        yield
    except aws.ProfileNotFound as error:
        raise NotHere(_said(error), "`aws configure list-profiles` lists those that there are") from error
    except _SIGNED_OUT as error:
        raise NotHere("your AWS sign-in has ended", "sign in again, with `aws sso login` or `aws login`") from error
    except (aws.NoCredentialsError, aws.PartialCredentialsError, aws.CredentialRetrievalError) as error:
        hints = ("sign in, or name a profile with --profile before the command", "without an account: nightcrew demo")
        raise NotHere(f"no AWS credentials: {_said(error)}", *hints) from error
    except aws.ClientError as error:
        said = error.response.get("Error", {})
        line = f"AWS does not take your credentials: {said.get('Code')}: {said.get('Message')}"
        raise NotHere(line, "sign in again, or name a profile with --profile before the command") from error
    except _NOT_A_SERVER as error:
        raise Unreachable(f"AWS did not answer: {_said(error)}") from error
    except aws.BotoCoreError as error:
        raise NotHere(f"your AWS configuration cannot be used: {_said(error)}") from error


def _said(error: Exception) -> str:
    text = str(error).rstrip(".")
    return text[:1].lower() + text[1:]
