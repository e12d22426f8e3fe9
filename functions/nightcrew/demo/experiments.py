"""AWS FIS, which moto 5.2.5 lacks: experiments that make instances unreachable, until they are launched anew.

A template is one that is put here (``have_template``); its only action is ours. While an experiment runs, the status
check of each target fails that was not launched since. (AWS FIS API reference.)
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance
from moto.moto_api._internal import mock_random

from nightcrew.demo.completing import with_methods, with_service

SERVICE = "fis"

url_bases = [r"https?://fis\.(.+)\.(?:amazonaws\.com|api\.aws)"]

_IMPAIRED = "nightcrew_impaired"
"""Where an instance keeps the launch since which it cannot be reached."""


class ExperimentBackend(BaseBackend):
    """The templates and experiments of an account in a Region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.templates: dict[str, dict[str, Any]] = {}
        self.experiments: dict[str, dict[str, Any]] = {}

    @property
    def _url_module(self) -> Any:
        # Where moto finds ``url_bases`` and ``url_paths``.
        return sys.modules[__name__]

    def template(self, which: str) -> dict[str, Any]:
        """One that there is."""
        return _found(self.templates, which)

    def start(self, which: str, token: str, tags: Mapping[str, str]) -> dict[str, Any]:
        """The same token starts the same experiment."""
        for each in self.experiments.values():
            if each["token"] == token:
                return each
        targets = self.template(which)["targets"]
        made: dict[str, Any] = {
            "id": f"EXP{mock_random.get_random_hex(16)}",
            "experimentTemplateId": which,
            "state": {"status": "running"},
            "tags": dict(tags),
            "startTime": utcnow(),
            "token": token,
        }
        self.experiments[made["id"]] = made
        for instance in self._instances(targets):
            setattr(instance, _IMPAIRED, instance.launch_time)
        return made

    def stop(self, which: str) -> dict[str, Any]:
        """Its targets can be reached again."""
        experiment = _found(self.experiments, which)
        experiment["state"] = {"status": "stopped"}
        for instance in self._instances(self.template(experiment["experimentTemplateId"])["targets"]):
            setattr(instance, _IMPAIRED, None)
        return experiment

    def _instances(self, targets: Mapping[str, Mapping[str, Any]]) -> list[Any]:
        arns = [str(arn) for each in targets.values() for arn in each["resourceArns"]]
        backend = ec2_backends[self.account_id][self.region_name]
        return [backend.get_instance(arn.rsplit("/", 1)[-1]) for arn in arns]


def _found(kept: Mapping[str, dict[str, Any]], which: str) -> dict[str, Any]:
    if which not in kept:
        raise JsonRESTError("ResourceNotFoundException", f"there is no {which}")
    return kept[which]


# moto takes a service's Regions from botocore, which has none for FIS: it is where EC2 is.
experiment_backends = BackendDict(
    ExperimentBackend, SERVICE, use_boto3_regions=False, additional_regions=[*ec2_backends["123456789012"].regions]
)


class ExperimentResponse(BaseResponse):
    """Its operations."""

    def __init__(self) -> None:
        super().__init__(service_name=SERVICE)

    @property
    def backend(self) -> ExperimentBackend:
        """The account's, in the Region that is asked."""
        return experiment_backends[self.current_account][self.region]

    def get_experiment_template(self) -> ActionResult:
        """GetExperimentTemplate."""
        return ActionResult({"experimentTemplate": self.backend.template(self._get_param("id"))})

    def start_experiment(self) -> ActionResult:
        """StartExperiment."""
        asked = (self._get_param("experimentTemplateId"), self._get_param("clientToken"), self._get_param("tags") or {})
        return ActionResult({"experiment": self.backend.start(*asked)})

    def get_experiment(self) -> ActionResult:
        """GetExperiment."""
        return ActionResult({"experiment": _found(self.backend.experiments, self._get_param("id"))})

    def list_experiments(self) -> ActionResult:
        """ListExperiments."""
        of = self._get_param("experimentTemplateId")
        found = [each for each in self.backend.experiments.values() if of in (None, each["experimentTemplateId"])]
        return ActionResult({"experiments": found})

    def stop_experiment(self) -> ActionResult:
        """StopExperiment."""
        return ActionResult({"experiment": self.backend.stop(self._get_param("id"))})


url_paths = {
    "{0}/experimentTemplates/(?P<id>[^/]+)$": ExperimentResponse.dispatch,
    "{0}/experiments/?$": ExperimentResponse.dispatch,
    "{0}/experiments/(?P<id>[^/]+)$": ExperimentResponse.dispatch,
}


@contextmanager
def whole_experiments() -> Iterator[None]:
    """For as long as the block lasts, moto knows FIS, and instances that cannot be reached say so."""
    ordinary: Any = Instance.instance_status

    def status(self: Instance) -> dict[str, Any]:
        told: dict[str, Any] = ordinary.fget(self)
        if told["Status"] != "ok" or getattr(self, _IMPAIRED, None) != self.launch_time:
            return told
        return {"Details": [{"Name": "reachability", "Status": "failed"}], "Status": "impaired"}

    methods: Any = {"instance_status": property(status)}
    with with_service(SERVICE, experiment_backends, url_bases[0]), with_methods(Instance, methods):
        yield


def have_template(account: str, region: str, name: str, targets: Sequence[str], *, stop: str | None) -> None:
    """A template that makes these instances (ARNs) unreachable, stopped by an alarm (its ARN), or by nothing."""
    condition = {"source": "aws:cloudwatch:alarm", "value": stop} if stop else {"source": "none"}
    experiment_backends[account][region].templates[name] = {
        "id": name,
        "description": "Instances cannot be reached",
        "stopConditions": [condition],
        "targets": {"those": {"resourceType": "aws:ec2:instance", "resourceArns": [*targets], "selectionMode": "ALL"}},
    }
