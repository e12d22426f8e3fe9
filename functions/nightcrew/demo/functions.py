"""What moto lacks about Lambda functions, answered as AWS would where nothing goes wrong.

moto 5.2.5 knows neither an account's settings nor provisioned concurrency, and runs a function in a container. Here an
account has the usual 1,000 in each Region, what is provisioned is ready at once, and a function that is invoked ends
well: what is otherwise, is for a test to script. (Lambda API reference, GetAccountSettings,
PutProvisionedConcurrencyConfig and its like, Invoke.)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.awslambda import urls
from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend
from moto.awslambda.responses import LambdaResponse
from moto.core.responses import ActionResult

from nightcrew.demo.completing import with_methods

ACCOUNT_LIMIT = 1000

_PATHS = (
    r"{0}/(?P<api_version>[^/]+)/account-settings/?$",
    r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/provisioned-concurrency$",
)


class _NothingProvisioned(LambdaClientError):
    code = 404

    def __init__(self) -> None:
        code, words = "ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found"
        super().__init__(code, words)


@contextmanager
def whole_functions() -> Iterator[None]:
    """For as long as the block lasts, moto knows what is reserved in the account, and what is provisioned."""
    ours: dict[str, Any] = {
        "get_account_settings": _settings,
        "get_provisioned_concurrency_config": _provisioned,
        "list_provisioned_concurrency_configs": _all_provisioned,
        "put_provisioned_concurrency_config": _provision,
        "delete_provisioned_concurrency_config": _deprovision,
    }
    with (
        with_methods(LambdaResponse, ours),
        with_methods(LambdaBackend, {"invoke": _invoke}),
        patch.dict(urls.url_paths, dict.fromkeys(_PATHS, LambdaResponse.dispatch)),
    ):
        yield


def _invoke(self: LambdaBackend, function_name: str, qualifier: str | None, body: Any, *_: Any) -> bytes:
    """Invoke, without a container to run it in: it ends well, and gives nothing back."""
    del body
    self.get_function(function_name, qualifier)
    return b"null"


def _settings(self: LambdaResponse) -> ActionResult:
    reserved = sum(int(each.reserved_concurrency or 0) for each in self.backend.list_functions())
    limit = {"ConcurrentExecutions": ACCOUNT_LIMIT, "UnreservedConcurrentExecutions": ACCOUNT_LIMIT - reserved}
    return ActionResult({"AccountLimit": limit, "AccountUsage": {}})


def _provisioned(self: LambdaResponse) -> ActionResult:
    if "List" in self.querystring:  # the same path, and moto does not tell them apart
        return _all_provisioned(self)
    found = _kept(self).get(_about(self))
    if found is None:
        raise _NothingProvisioned
    return ActionResult(found)


def _all_provisioned(self: LambdaResponse) -> ActionResult:
    function = _about(self).rsplit(":", 1)[0]
    found = [{"FunctionArn": arn, **each} for arn, each in _kept(self).items() if arn.rsplit(":", 1)[0] == function]
    return ActionResult({"ProvisionedConcurrencyConfigs": found})


def _provision(self: LambdaResponse) -> ActionResult:
    number = int(self._get_param("ProvisionedConcurrentExecutions"))
    names = (f"{state}ProvisionedConcurrentExecutions" for state in ("Requested", "Allocated", "Available"))
    _kept(self)[_about(self)] = {**dict.fromkeys(names, number), "Status": "READY"}
    return ActionResult(_kept(self)[_about(self)])


def _deprovision(self: LambdaResponse) -> ActionResult:
    _kept(self).pop(_about(self), None)
    return ActionResult({})


def _kept(self: LambdaResponse) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = vars(self.backend).setdefault("nightcrew_provisioned", {})
    return found


def _about(self: LambdaResponse) -> str:
    """The ARN of the alias or version; it must exist, where one is named."""
    name, qualifier = self._get_param("FunctionName"), self._get_param("Qualifier")
    self.backend.get_function(name, qualifier)
    return f"{self.backend.get_function(name).function_arn}:{qualifier}"
