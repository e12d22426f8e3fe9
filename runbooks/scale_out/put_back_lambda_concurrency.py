"""Put back the concurrency that was reserved for a Lambda function before it was raised."""

from datetime import timedelta

from nightcrew import Run, calls, runbook
from nightcrew.aws.calls import Call
from nightcrew.aws.cloudwatch import highest, lately
from nightcrew.aws.lambda_ import FunctionName, reserved

functions = calls("lambda")

AGAIN = timedelta(hours=6)


@runbook(
    family="scale-out",
    risk="low",
    by_hand=timedelta(minutes=5),
    deadline=timedelta(hours=1),
    permissions=[
        "cloudwatch:GetMetricStatistics",
        "lambda:GetFunctionConcurrency",
        "lambda:ListTags",
        "lambda:PutFunctionConcurrency",
    ],
)
def put_back_lambda_concurrency(
    run: Run,
    function: FunctionName,
    reserved_before: int,
    raised: int,
    busy: int = 70,
    within: timedelta = timedelta(minutes=5),
) -> str:
    """Reserves `reserved_before` for the function again, if what is reserved is still `raised`, as a run left it.

    A number that somebody changed meanwhile is left alone. While more than `busy` % of the old number run at once (the
    most of the last ten minutes), nothing is changed, and it is tried again in six hours. Where CloudWatch has no
    figure, that does not hold it up. Calls that run are not ended.
    """
    state = functions.get_function_concurrency(FunctionName=function)
    load = lately("ConcurrentExecutions", {"FunctionName": function}, run.now, namespace="AWS/Lambda")

    found = run.read("ask what is reserved for it", state, pick=reserved)
    run.require(f"{reserved_before} is less than {raised}", 0 < reserved_before < raised)
    run.require(f"its reservation is still {raised}", found == raised)
    most = run.read("look how many run at once", load, pick=highest) or 0
    if most * 100 > reserved_before * busy:
        given = {"function": function, "reserved_before": reserved_before, "raised": raised, "busy": busy}
        run.later("try again when the load is gone", "put-back-lambda-concurrency", given, after=AGAIN)
    few = f"no more than {busy} % of {reserved_before} run at once ({most:.0f} do)"
    run.require(few, most * 100 <= reserved_before * busy)

    run.change(
        f"put its reservation back to {reserved_before}",
        _reserve(function, reserved_before),
        undo=_reserve(function, raised),
        took_effect=(state, lambda answer: reserved(answer) == reserved_before),
    )
    title = f"{reserved_before} are reserved"
    run.prove(title, state, lambda seen: seen == reserved_before, within=within, pick=reserved)
    return f"{function} may run {reserved_before} times at once again"


def _reserve(function: str, number: int) -> Call:
    return functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=number)
