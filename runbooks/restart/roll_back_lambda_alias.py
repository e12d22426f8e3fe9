"""Let a Lambda alias point to the version before, when the newest one fails."""

from datetime import timedelta
from typing import Any

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.lambda_ import FunctionName, configuration, newest_before, only_alias, provisioned

functions = calls("lambda")

PAGES = 20
"""So many pages of versions are looked through, of 50 each."""


@runbook(
    family="restart",
    risk="disruptive",
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=1),
    triggers=[Alarm("AWS/Lambda", "Errors", direction="high", function="FunctionName", alias="Resource")],
    permissions=[
        "lambda:GetAlias",
        "lambda:GetFunctionConfiguration",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:ListTags",
        "lambda:ListVersionsByFunction",
        "lambda:UpdateAlias",
    ],
)
def roll_back_lambda_alias(
    run: Run,
    function: FunctionName,
    alias: str,
    version: str | None = None,
    within: timedelta = timedelta(minutes=10),
) -> str:
    """Points the alias (`live`, or `checkout:live`) to the newest version that was published before the one it has.

    `version` names another one. Where the alias gives a part of its calls to a second version, only that ends: all
    calls go to the version that has most of them. What the newer code has written already stays as it is: the older
    code must be able to read it.

    Provisioned concurrency belongs to an alias or to a version. The alias's own moves along, and is waited for. Where
    the newer version has some and the older one has less, the alias is left alone: calls would meet cold starts. A
    version that Lambda put to sleep is left alone, too. The undo points the alias back, if nobody moved it since.
    """
    name = alias.rsplit(":", 1)[-1]
    state = functions.get_alias(FunctionName=function, Name=name)

    before = run.read("find the alias", state, pick=only_alias)
    newer, weights = before["version"], before["weights"]
    run.require("it points to a published version", newer != "$LATEST")
    if weights and version is None:
        older = newer
    else:
        older = version or _version_before(run, function, newer) or ""
        run.require("there is a version before it", older)
    run.require(f"{older} is a published version", older.isdigit())
    run.require(f"it does not point to {older} alone already", older != newer or weights)
    found = run.read(
        f"look at version {older}",
        functions.get_function_configuration(FunctionName=function, Qualifier=older),
        pick=configuration,
    )
    run.require(f"version {older} can be called at once", found == {"state": "Active", "updated": "Successful"})
    own = run.read("ask what the alias has provisioned", _ask(function, name), pick=provisioned, missing=None)
    others = sorted({newer, *weights} - {older})
    needed = max((_of(run, function, each) for each in others), default=0)
    run.require(f"version {older} has what is provisioned for the newer one", _of(run, function, older) >= needed)

    def point_back() -> None:
        now = run.wait_until(
            "nobody moved it since",
            state,
            lambda seen: (seen["version"], seen["weights"]) == (older, {}),
            within=timedelta(minutes=1),
            pick=only_alias,
        )
        run.change(f"point it back to {newer}", _point(function, name, newer, weights, now["revision"]))

    run.change(
        f"point it to version {older}",
        _point(function, name, older, {}, before["revision"]),
        undo=point_back,
        took_effect=(state, lambda answer: _points_to(only_alias(answer), older)),
    )
    run.prove("all calls go there", state, lambda seen: _points_to(seen, older), within=within, pick=only_alias)
    if own is not None:
        run.prove(
            "what the alias has provisioned is ready",
            _ask(function, name),
            lambda seen: seen["status"] == "READY",
            within=within,
            pick=provisioned,
        )
    return f"{function}:{name} went from version {newer} to {older}" if older != newer else f"{name} is {older} alone"


def _version_before(run: Run, function: str, newer: str) -> str | None:
    """The newest version published before that one, over all pages: AWS does not promise an order."""
    found: list[int] = []
    more: dict[str, Any] = {}
    for number in range(1, PAGES + 1):
        listed = functions.list_versions_by_function(FunctionName=function, **more)
        page = run.read(f"list its versions, page {number}", listed, pick=newest_before(newer))
        found += [int(page["version"])] if page["version"] else []
        if not page["more"]:
            break
        more = {"Marker": page["more"]}
    return str(max(found)) if found else None


def _of(run: Run, function: str, version: str) -> int:
    title = f"ask what version {version} has provisioned"
    seen = run.read(title, _ask(function, version), pick=provisioned, missing=None)
    return int(seen["wanted"]) if seen else 0


def _ask(function: str, qualifier: str) -> Any:
    return functions.get_provisioned_concurrency_config(FunctionName=function, Qualifier=qualifier)


def _point(function: str, alias: str, version: str, weights: dict[str, float], revision: str) -> Any:
    return functions.update_alias(
        FunctionName=function,
        Name=alias,
        FunctionVersion=version,
        RoutingConfig={"AdditionalVersionWeights": weights},
        RevisionId=revision,
    )


def _points_to(seen: dict[str, Any], version: str) -> bool:
    return seen["version"] == version and not seen["weights"]
