"""Who asks, and what they may: by their own ARN, or by the role that they took; in doubt they may only look."""

from typing import Any

import pytest

from nightcrew.api.people import VARIABLES, NotNamed, Pattern, People, Right, actor_of

OPERATORS, APPROVERS = VARIABLES[Right.OPERATE], VARIABLES[Right.APPROVE]
SESSION = "arn:aws:sts::123456789012:assumed-role/oncall/ada"


def names(pattern: str, actor: str) -> bool:
    read = Pattern.of(pattern)
    return read is not None and read.names(actor)


@pytest.mark.parametrize(
    ("pattern", "actor"),
    [
        ("arn:aws:iam::123456789012:role/oncall", SESSION),
        ("arn:aws:iam::*:role/on*", SESSION),
        ("arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/oncall", SESSION),
        ("arn:aws:sts::123456789012:assumed-role/oncall/ada", SESSION),
        ("arn:aws:sts::123456789012:assumed-role/oncall/*", SESSION),
        ("arn:aws:iam::123456789012:user/ada", "arn:aws:iam::123456789012:user/teams/night/ada"),
        ("arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:root"),
        ("arn:aws-cn:iam::123456789012:role/oncall", "arn:aws-cn:sts::123456789012:assumed-role/oncall/ada"),
    ],
)
def test_a_pattern_names_who_it_means(pattern: str, actor: str) -> None:
    assert names(pattern, actor)


@pytest.mark.parametrize(
    ("pattern", "actor"),
    [
        ("arn:aws:iam::123456789012:role/oncall", "arn:aws:sts::210987654321:assumed-role/oncall/ada"),
        ("arn:aws:iam::123456789012:role/oncall", "arn:aws:sts::123456789012:assumed-role/oncall-not/ada"),
        ("arn:aws:iam::123456789012:role/oncall", "arn:aws:iam::123456789012:user/oncall"),
        ("arn:aws:iam::123456789012:role/*", "arn:aws:iam::123456789012:user/ada"),
        ("arn:aws:iam::123456789012:user/*", SESSION),
        ("arn:aws:sts::123456789012:assumed-role/oncall/ada", "arn:aws:sts::123456789012:assumed-role/oncall/eve"),
        ("arn:aws:sts::123456789012:assumed-role/*", SESSION),
        ("arn:aws:iam::123456789012:role/on.all", SESSION),
        ("arn:aws:iam::*:role/oncall", "arn:aws:sts::123456789012:assumed-role/other/oncall"),
    ],
)
def test_a_pattern_names_nobody_else(pattern: str, actor: str) -> None:
    assert not names(pattern, actor)


@pytest.mark.parametrize(
    "text", ["*", "oncall", "arn:*", "arn:aws:iam::123456789012:", "role/oncall", "arn:*:*:*:*:*:*"]
)
def test_what_is_no_arn_names_nobody_and_is_told(text: str) -> None:
    people = People.of({OPERATORS: text, APPROVERS: text})
    assert people.person(SESSION).rights == {Right.VIEW}
    assert set(people.unclear) == {text}


def test_without_its_variables_everybody_only_looks() -> None:
    assert People.of({}).person(SESSION).rights == {Right.VIEW}
    assert People.of({OPERATORS: "", APPROVERS: " , "}).person(SESSION).rights == {Right.VIEW}


def test_who_operates_does_not_thereby_approve() -> None:
    people = People.of({OPERATORS: "arn:aws:iam::123456789012:role/oncall"})
    assert people.person(SESSION).rights == {Right.VIEW, Right.OPERATE}


def test_who_stands_in_both_may_both() -> None:
    role = "arn:aws:iam::123456789012:role/oncall"
    assert People.of({OPERATORS: f"arn:aws:iam::1:role/x, {role}", APPROVERS: role}).person(SESSION).rights == set(
        Right
    )


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"authorizer": None},
        {"authorizer": {"jwt": {"claims": {"sub": SESSION}}}},
        {"authorizer": {"iam": {}}},
        {"authorizer": {"iam": {"userArn": None}}},
        {"authorizer": {"iam": {"userArn": ""}}},
        {"authorizer": {"iam": {"userArn": "ada"}}},
        {"authorizer": {"iam": {"userArn": ["arn:aws:iam::123456789012:root"]}}},
        {"identity": {"userArn": SESSION}},
    ],
)
def test_without_the_authorizer_nobody_is_named(context: dict[str, Any]) -> None:
    with pytest.raises(NotNamed):
        actor_of({"requestContext": context, "headers": {"x-amz-user": SESSION}})


def test_a_session_keeps_its_name() -> None:
    assert actor_of({"requestContext": {"authorizer": {"iam": {"userArn": SESSION}}}}) == SESSION
