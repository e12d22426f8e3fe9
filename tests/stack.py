"""template.yaml as tests read it: intrinsics in CloudFormation's long form, and what each role is allowed."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "template.yaml"

Statement = dict[str, Any]


_SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""In C where PyYAML was built with it: the template is ten times as long to read without."""


class _Loader(_SAFE):  # type: ignore[misc]  # either is a safe loader
    """YAML with CloudFormation's short forms: ``!GetAtt A.B`` becomes ``{"Fn::GetAtt": "A.B"}``."""


def _intrinsic(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    given: Any
    if isinstance(node, yaml.ScalarNode):
        given = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        given = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        given = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": given}


_Loader.add_multi_constructor("!", _intrinsic)


@cache
def template() -> dict[str, Any]:
    """The whole template."""
    return loaded(TEMPLATE)


def loaded(template: Path) -> dict[str, Any]:
    """A template as it is in its file."""
    found: dict[str, Any] = yaml.load(template.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  a safe loader
    return found


def properties(logical_id: str) -> dict[str, Any]:
    """The properties of a resource."""
    found: dict[str, Any] = template()["Resources"][logical_id]["Properties"]
    return found


def there(logical_id: str, **parameters: str) -> bool:
    """Whether a stack with these parameters has the resource; those that are not given have their defaults."""
    condition = template()["Resources"][logical_id].get("Condition")
    return condition is None or met(condition, **parameters)


def met(condition: str, **parameters: str) -> bool:
    """Whether a condition of the template holds in a stack with these parameters."""
    return met_in(template(), condition, **parameters)


def met_in(template: Mapping[str, Any], condition: str, **parameters: str) -> bool:
    """The same for any template."""
    given = {name: each.get("Default") for name, each in template["Parameters"].items()} | parameters
    return _holds(template["Conditions"][condition], {**given, "": template["Conditions"]})


def _holds(condition: Any, given: Mapping[str, Any]) -> bool:
    ((kind, of),) = condition.items()
    match kind:
        case "Fn::Or":
            return any(_holds(each, given) for each in of)
        case "Fn::And":
            return all(_holds(each, given) for each in of)
        case "Condition":
            return _holds(given[""][of], given)
        case "Fn::Not":
            return not _holds(of[0], given)
        case "Fn::Equals":
            left, right = (_value(each, given) for each in of)
            return bool(left == right)
        case _:
            raise AssertionError(f"nobody reads {kind} here")


def _value(of: Any, given: Mapping[str, Any]) -> Any:
    if not isinstance(of, dict):
        return of
    ((kind, what),) = of.items()
    return given[what] if kind == "Ref" else what[0].join([_value(what[1], given)])


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """Logical id → properties, of every resource of a type."""
    return {name: each["Properties"] for name, each in template()["Resources"].items() if each["Type"] == kind}


def statements(role: str, **parameters: str) -> Iterator[Statement]:
    """Every statement that says what a role may do: its own, of policies that name it, of those it names.

    With ``parameters`` only those that a stack with these has; else all that there can be.
    """
    for policy in properties(role).get("Policies", ()):
        yield from opened(policy["PolicyDocument"], **parameters)
    for managed in properties(role).get("ManagedPolicyArns", ()):
        yield from opened(properties(managed["Ref"])["PolicyDocument"], **parameters)
    for name, policy in of_type("AWS::IAM::Policy").items():
        if any(each in policy["Roles"] for each in ({"Ref": role}, _with_chat(role))) and (
            not parameters or there(name, **parameters)
        ):
            yield from opened(policy["PolicyDocument"], **parameters)


def _with_chat(role: str) -> dict[str, Any]:
    """A role as a policy names it that is there without it, too."""
    return {"Fn::If": ["Chats", {"Ref": role}, {"Ref": "AWS::NoValue"}]}


def opened(document: Mapping[str, Any], **parameters: str) -> Iterator[Statement]:
    """The statements of a policy, those among them that hang on a condition too."""
    for each in document["Statement"]:
        if "Fn::If" not in each:
            yield each
            continue
        condition, then, other = each["Fn::If"]
        chosen = then if not parameters or met(condition, **parameters) else other
        if "Effect" in chosen:
            yield chosen


def listed(value: Any) -> list[Any]:
    """IAM takes one, or a list."""
    return value if isinstance(value, list) else [value]


def allows(role: str, action: str, resource: Any, key: str = "") -> bool:
    """Whether a statement of the role allows the action on exactly this intrinsic, and none denies it. ``key`` is the
    partition key of the item that it is about.

    A statement with another condition than on keys is not counted: whether it holds is not known here.
    """

    def covers(statement: Statement) -> bool:
        return (
            any(fnmatchcase(action, pattern) for pattern in listed(statement["Action"]))
            and any(each in (resource, "*") for each in listed(statement["Resource"]))
            and all(_key_holds(kind, pairs, key) for kind, pairs in statement.get("Condition", {}).items())
        )

    effects = {statement["Effect"] for statement in statements(role) if covers(statement)}
    return effects == {"Allow"}


def _key_holds(kind: str, pairs: Mapping[str, Any], key: str) -> bool:
    if not key or pairs.keys() != {"dynamodb:LeadingKeys"}:
        return False
    like = any(fnmatchcase(key, pattern) for pattern in listed(pairs["dynamodb:LeadingKeys"]))
    return {"ForAllValues:StringLike": like, "ForAllValues:StringNotLike": not like}.get(kind, False)
