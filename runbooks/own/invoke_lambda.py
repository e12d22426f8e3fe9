"""Invoke a team's own Lambda function, under the same gates as any other runbook."""

from dataclasses import dataclass
from datetime import timedelta

from nightcrew import FROM_CALL, Family, Risk, Run, calls, runbook
from nightcrew.aws.alarm_state import AlarmName, TargetGroupArn
from nightcrew.aws.any_resource import ResourceArn
from nightcrew.aws.arns import beside
from nightcrew.aws.calls import Call
from nightcrew.aws.checked import JsonObject
from nightcrew.aws.invoking import answered, invocable, retries, said_of
from nightcrew.aws.lambda_ import FunctionName, only_alias
from nightcrew.aws.owners_word import function_tags
from runbooks.own.proofs import prove_all, require_owner_allows, require_something_to_prove

functions = calls("lambda")

ANSWERS = 50
"""Seconds within which a function must answer that is waited for: whoever sends the call hangs up after a minute."""


@dataclass(frozen=True)
class Function:
    """One version of a function, and what it is called with; published versions never change."""

    name: str
    version: str
    payload: str

    def __str__(self) -> str:
        return f"{self.name}:{self.version}"

    def call(self, *, asynchronous: bool) -> Call:
        """Invoke it; what it prints is not asked for."""
        return functions.invoke(
            FunctionName=self.name,
            Qualifier=self.version,
            InvocationType="Event" if asynchronous else "RequestResponse",
            LogType="None",
            Payload=self.payload,
        )


@runbook(
    family=FROM_CALL,
    risk=FROM_CALL,
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=2),
    permissions=[
        "cloudwatch:DescribeAlarms",
        "elasticloadbalancing:DescribeTargetHealth",
        "lambda:GetAlias",
        "lambda:GetFunctionConfiguration",
        "lambda:GetFunctionEventInvokeConfig",
        "lambda:InvokeFunction",
        "lambda:ListTags",
        "tag:GetResources",
    ],
)
def invoke_lambda(
    run: Run,
    target: ResourceArn,
    function: FunctionName,
    qualifier: str,
    family: Family,
    payload: JsonObject = "{}",
    risk: Risk = "data-loss",
    idempotent: bool = False,
    asynchronous: bool = False,
    undo_function: FunctionName | None = None,
    undo_qualifier: str | None = None,
    undo_payload: JsonObject | None = None,
    alarm_ok: AlarmName | None = None,
    healthy_targets: TargetGroupArn | None = None,
    within: timedelta = timedelta(minutes=15),
) -> str:
    """Invokes one published version of the function, and waits for what is to prove it.

    What it changes, and what people notice, its team knows. `target` is the ARN of what it acts on: that is locked,
    cools down, and keeps the history. `family` and `risk` are the call's to say. Until the function's owner says by its
    tags `nightcrew:family` and `nightcrew:risk` that it is less than `data-loss`, it counts as that, and two people
    approve it. It needs the tag `nightcrew=managed`. No alarm can name a function: only a person or a binding of policy
    does.

    `qualifier` is the number of a version, or an alias that gives all its calls to one; which one that was stands in
    the ledger. `payload` is a JSON object, and stands in the ledger too, so it must hold no secret. What the function
    gives back, or prints, is never read: its own log has it. An error that it ends with fails the run.

    A function that may run longer than 50 s must be invoked with `asynchronous`: nobody waits for it then, and its
    proof tells. Lambda itself calls such a function again after an error, unless the version's MaximumRetryAttempts is
    0: it is left alone then, unless it is `idempotent`, which is to say that twice is the same as once.

    Something must be named that proves it: `alarm_ok`, an alarm that must be OK, and is not yet; `healthy_targets`, a
    target group that must have healthy targets and no ill one. It cannot be taken back, so a person approves it where
    it is invoked, unless `undo_function` names a function that takes it back. Where it is unknown whether it was
    invoked, the run stops for a person, unless it is `idempotent`.
    """
    run.require("it is said what proves it: alarm_ok or healthy_targets", alarm_ok or healthy_targets)
    doing = _checked(run, function, qualifier, payload, family=family, risk=risk, asynchronous=asynchronous)
    if asynchronous:
        configured = functions.get_function_event_invoke_config(FunctionName=function, Qualifier=doing.version)
        again = run.read("how often does Lambda call it again", configured, pick=retries, missing=retries({}))
        run.require("Lambda does not call it again by itself, or it is idempotent", idempotent or not again)
    back = None
    if undo_function is not None:
        given = payload if undo_payload is None else undo_payload
        back = _checked(
            run, undo_function, undo_qualifier or qualifier, given, family=family, risk=risk, asynchronous=False
        )
    require_something_to_prove(run, alarm_ok, healthy_targets)

    title = f"invoke {function}"
    call = doing.call(asynchronous=asynchronous)

    def invoke_the_undo_function() -> None:
        if back is None:
            return
        made = run.change("invoke the undo function", back.call(asynchronous=False), once=True, pick=answered)
        run.require(f"the undo function ended without an error{said_of(made)}", made["ok"])

    if back is None and idempotent:
        made = run.change(title, call, irreversible=True, pick=answered)
    elif back is None:
        made = run.change(title, call, irreversible=True, once=True, pick=answered)
    elif idempotent:
        made = run.change(title, call, undo=invoke_the_undo_function, pick=answered)
    else:
        made = run.change(title, call, undo=invoke_the_undo_function, once=True, pick=answered)
    run.require(f"{function} ended without an error{said_of(made)}", made["ok"])
    prove_all(run, alarm_ok, healthy_targets, within=within)
    return f"{doing} was invoked, about {target.split(':', 5)[5]}"


def _checked(
    run: Run, name: str, qualifier: str, payload: str, *, family: str, risk: str, asynchronous: bool
) -> Function:
    """Read a function, and pin its version. Ends the run where it may not be invoked so."""
    arn = beside(run.resource, "lambda", f"function:{name}")
    tags = run.read(f"the tags of {name}", functions.list_tags(Resource=arn), pick=function_tags)
    require_owner_allows(run, tags, family, risk)
    version = qualifier
    if not qualifier.isdigit():
        alias = functions.get_alias(FunctionName=name, Name=qualifier)
        seen = run.read(f"the version behind {qualifier}", alias, pick=only_alias)
        run.require("the alias gives all its calls to one version", not seen["weights"])
        version = seen["version"]
    run.require("a published version is named, or an alias of one", version.isdigit())
    state = functions.get_function_configuration(FunctionName=name, Qualifier=version)
    found = run.read(f"look at {name}, version {version}", state, pick=invocable)
    run.require("it can be called at once", found["ready"])
    words = f"it ends within {ANSWERS} s by its own timeout, or it is invoked asynchronously"
    run.require(words, asynchronous or found["timeout"] <= ANSWERS)
    return Function(name, version, payload)
