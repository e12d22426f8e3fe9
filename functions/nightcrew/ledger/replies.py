"""What DynamoDB's faults and refusals mean to us: a failed condition, a conflict, or a table out of reach.

What is none of these (a malformed request, say) is a fault of our own code and passes through as botocore raised it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoAuthTokenError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ReadTimeoutError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as NoConnection

from nightcrew.errors import Conflict, Denied, NightcrewError, Unreachable
from nightcrew.ledger.transaction import ConditionFailed, Failure, Write
from nightcrew.ledger.values import plain_item

_CONFLICTS = {"TransactionConflict", "TransactionConflictException", "TransactionInProgressException"}
_THROTTLED = {
    "LimitExceededException",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingError",
    "ThrottlingException",
}
_NOT_ALLOWED = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "UnrecognizedClientException",
}
_NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoAuthTokenError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    TokenRetrievalError,
)


@contextmanager
def understood(where: str, writes: Sequence[Write] = ()) -> Iterator[None]:
    """Raises ConditionFailed, Conflict or Unreachable for what botocore raises inside.

    ``where`` names tables and Region for the words; ``writes`` are those of the request, in its order.
    """
    try:
        yield
    except ClientError as error:
        named = _named(error, where, writes)
        if named is None:
            raise
        raise named from error
    except ReadTimeoutError as error:
        raise Unreachable(
            f"{where}: no reply in time. Whether a write happened is not known: repeat it, its condition keeps it from "
            f"counting twice"
        ) from error
    except (HTTPClientError, NoConnection) as error:
        raise Unreachable(f"{where}: no connection ({error}). Check network, Region and endpoint") from error
    except _NO_CREDENTIALS as error:
        raise Unreachable(f"{where}: no usable credentials ({error}). Sign in, or check the role") from error


def still_in_progress(error: Conflict) -> bool:
    """Whether an earlier attempt of this very transaction is under way: only the same token will learn how it ends."""
    cause = error.__cause__
    return isinstance(cause, ClientError) and _code(cause) == "TransactionInProgressException"


def _named(error: ClientError, where: str, writes: Sequence[Write]) -> NightcrewError | None:
    code = _code(error)
    if code == "ConditionalCheckFailedException":
        return ConditionFailed(writes[0].failures(_old(error.response))) if writes else None
    if code == "TransactionCanceledException":
        return _cancelled(error, where, writes)
    if code in _CONFLICTS:
        return Conflict(f"{where}: others write the same items")
    if code == "ResourceNotFoundException":
        return Unreachable(f"{where}: no such table or index. Deploy the stack, or check the names and the Region")
    if code in _NOT_ALLOWED:
        return Denied(f"{where}: the caller may not ({code}: {_message(error)}). Check the role and its policy")
    if code in _THROTTLED:
        return Unreachable(f"{where}: throttled, after the retries that make sense. Try again later")
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        return Unreachable(f"{where}: DynamoDB failed ({code}: {_message(error)}). Try again later, see AWS Health")
    return None


def _cancelled(error: ClientError, where: str, writes: Sequence[Write]) -> NightcrewError | None:
    reasons: Any = error.response.get("CancellationReasons", ())  # one for each write, in order
    failures: list[Failure] = []
    for write, reason in zip(writes, reasons, strict=False):
        if reason.get("Code") == "ConditionalCheckFailed":
            failures += write.failures(_old(reason))
    if failures:  # whatever else there was: a refusal is an answer, a conflict is none
        return ConditionFailed(failures)
    codes = {reason.get("Code") for reason in reasons}
    if codes & _CONFLICTS:
        return Conflict(f"{where}: others write the same items")
    if codes & _THROTTLED:  # botocore does not repeat these inside a transaction: we do, as with a conflict
        return Conflict(f"{where}: the items are written too often")
    return None


def _old(reply: Any) -> dict[str, Any] | None:
    item = reply.get("Item")
    return plain_item(item) if item else None


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _message(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message", ""))
