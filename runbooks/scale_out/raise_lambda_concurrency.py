"""Reserve more concurrency for a Lambda function whose own reservation throttles it."""

from datetime import timedelta

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.calls import Call
from nightcrew.aws.cloudwatch import highest, lately
from nightcrew.aws.lambda_ import LEFT_TO_OTHERS, FunctionName, reserved, unreserved

functions = calls("lambda")

COUNTED = timedelta(minutes=3)
"""CloudWatch has a minute's figures some time after it."""


@runbook(
    family="scale-out",
    risk="costly",
    by_hand=timedelta(minutes=10),
    deadline=timedelta(hours=1),
    triggers=[Alarm("AWS/Lambda", "Throttles", direction="high", function="FunctionName")],
    permissions=[
        "cloudwatch:GetMetricStatistics",
        "lambda:GetAccountSettings",
        "lambda:GetFunctionConcurrency",
        "lambda:ListTags",
        "lambda:PutFunctionConcurrency",
    ],
)
def raise_lambda_concurrency(
    run: Run,
    function: FunctionName,
    percent: int = 50,
    at_most: int = 200,
    keep: timedelta = timedelta(hours=12),
    within: timedelta = timedelta(minutes=5),
) -> str:
    """Raises the function's reserved concurrency by `percent`, rounded down and one at least, never above `at_most`.

    A reservation is a cap as well, and it is taken from all other functions in the Region: Lambda wants 100 left to
    them, and no more is taken. A function without one is throttled by the Region's limit, which only AWS raises, and
    one with a reservation of 0 was switched off by somebody: both are left alone.

    What stands behind the function (a database, an API) gets more calls at once than before. After `keep` a run of its
    own puts the old number back. If calls are throttled all the same, the new one stays until then.
    """
    state = functions.get_function_concurrency(FunctionName=function)

    before = run.read("ask what is reserved for it", state, pick=reserved)
    run.require("percent is above 0", percent > 0)
    run.require("it has a reservation: another limit throttles it otherwise", before is not None)
    run.require("it is not switched off by a reservation of 0", before > 0)
    run.require(f"it has less than at_most ({at_most})", before < at_most)
    free = run.read("ask what is left to all others", functions.get_account_settings(), pick=unreserved)
    run.require(f"more than {LEFT_TO_OTHERS} are left to all others ({free})", free > LEFT_TO_OTHERS)

    wanted = min(before + max(before * percent // 100, 1), at_most, before + free - LEFT_TO_OTHERS)
    run.change(
        f"raise its reservation from {before} to {wanted}",
        _reserve(function, wanted),
        undo=_reserve(function, before),
        took_effect=(state, lambda answer: reserved(answer) == wanted),
    )
    given = {"function": function, "reserved_before": before, "raised": wanted}
    run.later("put the old reservation back", "put-back-lambda-concurrency", given, after=keep)

    run.prove(f"{wanted} are reserved", state, lambda seen: seen == wanted, within=within, pick=reserved)
    run.wait("let CloudWatch count", COUNTED)
    since = lately("Throttles", {"FunctionName": function}, run.now, namespace="AWS/Lambda", over=timedelta(minutes=2))
    run.prove("no call is throttled any more", since, lambda seen: not seen, within=within, pick=highest)
    return f"{function} went from {before} to {wanted} at once"


def _reserve(function: str, number: int) -> Call:
    return functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=number)
