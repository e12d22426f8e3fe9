"""Put back what a Lambda alias had provisioned before it was raised."""

from datetime import timedelta
from functools import partial

from nightcrew import Run, runbook
from nightcrew.aws.cloudwatch import highest, lately
from nightcrew.aws.lambda_ import FunctionName, of_alias
from runbooks.scale_out.provisioning import asked, provision

AGAIN = timedelta(hours=6)


@runbook(
    family="scale-out",
    risk="low",
    by_hand=timedelta(minutes=5),
    deadline=timedelta(hours=1),
    permissions=[
        "cloudwatch:GetMetricStatistics",
        "lambda:DeleteProvisionedConcurrencyConfig",
        "lambda:ListProvisionedConcurrencyConfigs",
        "lambda:ListTags",
        "lambda:PutProvisionedConcurrencyConfig",
    ],
)
def put_back_lambda_provisioned_concurrency(
    run: Run,
    function: FunctionName,
    alias: str,
    provisioned_before: int,
    raised: int,
    busy: int = 70,
    within: timedelta = timedelta(minutes=10),
) -> str:
    """Lets the alias or version have `provisioned_before` provisioned again, or nothing where that is 0, if it still
    has the `raised` ones that a run left behind.

    A number that somebody changed meanwhile is left alone. While more than `busy` % of the old number are in use at
    once (the most of the last ten minutes), nothing is changed, and it is tried again in six hours. Where CloudWatch
    has no figure, or nothing was provisioned before, that does not hold it up: calls then meet cold starts, as before.
    """
    name = alias.rsplit(":", 1)[-1]
    state = asked(function)
    own = partial(of_alias, name)
    about = {"FunctionName": function, "Resource": f"{function}:{name}"}
    load = lately("ProvisionedConcurrentExecutions", about, run.now, namespace="AWS/Lambda")

    found = run.read("ask what is provisioned", state, pick=own)
    run.require(f"{provisioned_before} is less than {raised}", 0 <= provisioned_before < raised)
    run.require(f"{name} still has {raised} provisioned", found["wanted"] == raised)
    most = run.read("look how many are in use at once", load, pick=highest) or 0
    full = provisioned_before > 0 and most * 100 > provisioned_before * busy
    if full:
        given = {"function": function, "alias": name, "provisioned_before": provisioned_before, "raised": raised}
        given["busy"] = busy
        run.later("try again when the load is gone", "put-back-lambda-provisioned-concurrency", given, after=AGAIN)
    run.require(f"no more than {busy} % of {provisioned_before} are in use at once ({most:.0f} are)", not full)

    run.change(
        f"put back {provisioned_before}",
        provision(function, name, provisioned_before),
        undo=provision(function, name, raised),
        took_effect=(state, lambda answer: own(answer)["wanted"] == provisioned_before),
    )
    run.prove(
        f"{name} has {provisioned_before} provisioned",
        state,
        lambda seen: seen["wanted"] == provisioned_before and seen["ready"] >= provisioned_before,
        within=within,
        pick=own,
    )
    return f"{function}:{name} has {provisioned_before} provisioned again"
