"""Keep more of a Lambda function's environments warm, when calls of its alias meet cold starts."""

from datetime import timedelta
from functools import partial

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.application_autoscaling import scalable_targets
from nightcrew.aws.cloudwatch import highest, lately
from nightcrew.aws.lambda_ import (
    LEFT_TO_OTHERS,
    FunctionName,
    all_provisioned,
    configuration,
    of_alias,
    reserved,
    unreserved,
)
from runbooks.scale_out.provisioning import asked, provision

functions = calls("lambda")
application_autoscaling = calls("application-autoscaling")

COUNTED = timedelta(minutes=3)
"""CloudWatch has a minute's figures some time after it."""


@runbook(
    family="scale-out",
    risk="costly",
    by_hand=timedelta(minutes=10),
    deadline=timedelta(hours=1),
    triggers=[
        Alarm("AWS/Lambda", metric, direction="high", function="FunctionName", alias="Resource")
        for metric in ("ProvisionedConcurrencySpilloverInvocations", "ProvisionedConcurrencyUtilization")
    ],
    permissions=[
        "application-autoscaling:DescribeScalableTargets",
        "cloudwatch:GetMetricStatistics",
        "lambda:DeleteProvisionedConcurrencyConfig",
        "lambda:GetAccountSettings",
        "lambda:GetFunctionConcurrency",
        "lambda:GetFunctionConfiguration",
        "lambda:ListProvisionedConcurrencyConfigs",
        "lambda:ListTags",
        "lambda:PutProvisionedConcurrencyConfig",
    ],
)
def raise_lambda_provisioned_concurrency(
    run: Run,
    function: FunctionName,
    alias: str,
    to: int | None = None,
    percent: int = 50,
    at_most: int = 100,
    keep: timedelta = timedelta(hours=12),
    within: timedelta = timedelta(minutes=10),
) -> str:
    """Raises what the alias or version (`live`, or `checkout:live`) has provisioned, by `percent`, rounded down and one
    at least, or to the number `to`; never above `at_most`.

    It is paid for whether it is used or not, until a run of its own puts the old number back after `keep`. It never
    takes more than the function's own reservation holds; without one it is taken from all other functions in the
    Region, and Lambda wants 100 left to them. An alias that scales by itself is left alone.

    Lambda takes minutes to make them ready; calls go on meanwhile. If it cannot, or not in time, the old number is put
    back at once, or nothing is provisioned as before. If calls spill over all the same, the new number stays until
    `keep` is over.
    """
    name = alias.rsplit(":", 1)[-1]
    state = asked(function)
    own = partial(of_alias, name)
    scaled = application_autoscaling.describe_scalable_targets(
        ServiceNamespace="lambda",
        ResourceIds=[f"function:{function}:{name}"],
        ScalableDimension="lambda:function:ProvisionedConcurrency",
    )

    look = functions.get_function_configuration(FunctionName=function, Qualifier=name)
    code = run.read(f"find {name}", look, pick=configuration)
    run.require("it is an alias or a published version", name != "$LATEST")
    run.require(
        "it can be called, and no update of it is under way", code == {"state": "Active", "updated": "Successful"}
    )
    everything = run.read("ask what is provisioned", state, pick=all_provisioned)
    run.require("all of it is seen", everything["whole"])
    before = everything["of"].get(name, {"wanted": 0, "status": "READY"})
    old = before["wanted"]
    run.require("percent is above 0", percent > 0)
    run.require("nothing is on its way already", before["status"] == "READY")
    run.require("something is provisioned, or `to` says how much shall be", old > 0 or to is not None)
    run.require("it does not scale by itself", not run.read("look how it scales", scaled, pick=scalable_targets))

    limit = run.read(
        "ask what is reserved for it", functions.get_function_concurrency(FunctionName=function), pick=reserved
    )
    if limit is None:
        free = run.read("ask what is left to all others", functions.get_account_settings(), pick=unreserved)
        room = free - LEFT_TO_OTHERS
    else:
        room = limit - sum(each["wanted"] for each in everything["of"].values())
    wanted = min(to if to is not None else old + max(old * percent // 100, 1), at_most, old + room)
    run.require(f"there is room for more than {old} (at_most {at_most}, {max(room, 0)} free)", wanted > old)

    run.change(
        f"raise what {name} has provisioned from {old} to {wanted}",
        provision(function, name, wanted),
        undo=provision(function, name, old),
        took_effect=(state, lambda answer: own(answer)["wanted"] == wanted),
    )
    given = {"function": function, "alias": name, "provisioned_before": old, "raised": wanted}
    run.later("put the old number back", "put-back-lambda-provisioned-concurrency", given, after=keep)

    after = run.wait_until(
        "they are made, or cannot be",
        state,
        lambda seen: seen["wanted"] == wanted and seen["status"] in {"READY", "FAILED"},
        within=within,
        pick=own,
    )
    run.require(f"Lambda could make them ({after['why']})", after["made"])
    run.prove(f"{wanted} are ready", state, lambda seen: seen["ready"] >= wanted, within=within, pick=own)
    run.wait("let CloudWatch count", COUNTED)
    about = {"FunctionName": function, "Resource": f"{function}:{name}"}
    for metric, words in (("ProvisionedConcurrencySpilloverInvocations", "spills over"), ("Throttles", "is throttled")):
        since = lately(metric, about, run.now, namespace="AWS/Lambda", over=timedelta(minutes=2))
        run.prove(f"no call {words} any more", since, lambda seen: not seen, within=within, pick=highest)
    return f"{function}:{name} went from {old} to {wanted} provisioned"
