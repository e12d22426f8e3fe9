"""The fault ``fis``: an experiment of AWS Fault Injection Service, from a template that has stop conditions of its own.

Taken back by stopping it: what its actions undo, they undo then (FIS user guide, "Experiments").
"""

from collections.abc import Callable, Mapping
from typing import Any

from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import Cloud
from nightcrew.aws.pages import pages, read
from nightcrew.errors import Refused, Unreachable

TAG = "nightcrew:gameday"
PERMISSIONS = (
    "fis:GetExperimentTemplate",
    "fis:StartExperiment",
    "fis:TagResource",
    "fis:GetExperiment",
    "fis:ListExperiments",
    "fis:StopExperiment",
)

_OVER = ("completed", "stopped", "failed", "cancelled")
_LOOKS, _BETWEEN = 60, 5.0
_SHOWS = 3
"""Looks for an experiment whose start was not answered: it need not be listed at once."""

_fis = calls("fis")


def before(cloud: Cloud, target: str) -> dict[str, Any]:
    """Nothing is to be remembered; raises Refused where the template has no stop condition."""
    template = read(cloud, _fis.get_experiment_template(id=target))["experimentTemplate"]
    sources = [str(each.get("source")) for each in template.get("stopConditions") or ()]
    if all(source == "none" for source in sources):
        raise Refused(
            "fault", f"the experiment template {target} has no stop condition: nothing but people would stop it"
        )
    return {}


def put(cloud: Cloud, target: str, token: str) -> dict[str, Any]:
    """Start it. The token makes a second start the same experiment, and the tag finds it where the answer was lost."""
    call = _fis.start_experiment(experimentTemplateId=target, clientToken=token, tags={TAG: token})
    return {"experiment": str(cloud.change(call).value["experiment"]["id"])}


def take_back(cloud: Cloud, target: str, kept: Mapping[str, Any], token: str, pause: Callable[[float], None]) -> str:
    """Stop it, and see it end. Raises Unreachable where it does not end in time."""
    experiment = kept.get("experiment") or _started(cloud, target, token, pause)
    if experiment is None:
        return f"no experiment of {target} was started"
    asked, stopped = _fis.get_experiment(id=experiment), False
    for _ in range(_LOOKS):
        state = str(read(cloud, asked)["experiment"]["state"]["status"])
        if state in _OVER:
            return f"{experiment} {'was stopped' if stopped else f'has ended: {state}'}"
        if not stopped:
            cloud.change(_fis.stop_experiment(id=experiment))
            stopped = True
        pause(_BETWEEN)
    raise Unreachable(f"{experiment} was told to stop, and has not ended yet")


def _started(cloud: Cloud, target: str, token: str, pause: Callable[[float], None]) -> str | None:
    call = _fis.list_experiments(experimentTemplateId=target)
    for look in range(_SHOWS):
        if look:
            pause(_BETWEEN)
        for page in pages(cloud, call, "nextToken"):
            for each in page["experiments"]:
                if (each.get("tags") or {}).get(TAG) == token:
                    return str(each["id"])
    return None
