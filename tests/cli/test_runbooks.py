"""`nightcrew runbooks`: the catalog, and a runbook's page."""

import pytest

from nightcrew.authoring.catalog import Catalog
from tests.cli.desk import typed

NAME = "restart-ec2-instance"


def test_every_runbook_is_listed_with_what_it_does(catalog: Catalog) -> None:
    result = typed("runbooks")
    assert result.code == 0
    for each in catalog.values():
        line = next(line for line in result.out.splitlines() if line.startswith(f"{each.name} "))
        family = each.family if len(each.families) == 1 else "any"
        assert line.split()[1:3] == [family, each.risk]
        assert each.title in line


@pytest.mark.parametrize("columns", [80, 120])
def test_the_list_fits_a_terminal_and_cuts_nothing(catalog: Catalog, columns: int) -> None:
    result = typed("runbooks", columns=columns)
    assert result.widest <= columns
    words = " ".join(result.out.split())
    assert all(each.title in words for each in catalog.values())


def test_a_page_has_what_a_person_must_know_before_a_run() -> None:
    """What it does, its parameters, its alarms, what it changes, how that is undone, and what it may do."""
    result = typed("runbooks", NAME)
    assert result.code == 0
    for words in (
        "Its public IP address changes unless it is an Elastic IP.",
        "--instance-id  like i-0abc1234def567890  (required)",
        "--within       a duration like 90s, 10m, 2h or 7d  (default 10m)",
        "AWS/EC2 StatusCheckFailed_Instance, high, by InstanceId as instance_id",
        "can be undone  in part",
        "proved on      scripted cloud, moto; AWS: never",
        "no Auto Scaling group owns it",
        "stop it                                      bring it back    looked at",
        "start it again                               part of an undo  looked at",
        "ec2:StopInstances",
        f"nightcrew run {NAME} --instance-id i-0abc1234def567890 --plan",
    ):
        assert words in result.out


def test_every_page_fits_a_terminal(catalog: Catalog) -> None:
    """All but its last line, the command to copy, which no terminal must break."""
    for name in catalog:
        result = typed("runbooks", name, columns=80)
        assert result.code == 0
        assert max(map(len, result.out.splitlines()[:-1])) <= 80


def test_the_columns_stand_under_their_headings() -> None:
    """Whatever the risk before them is called."""
    heading, *lines = typed("runbooks").out.split("\n\n")[0].splitlines()
    for column in ("family", "risk", "undo", "what it does", "answers"):
        place = heading.index(column)
        assert {line[place - 1] for line in lines} == {" "}
        assert " " not in {line[place] for line in lines}


def test_json_has_the_form_and_the_permissions(catalog: Catalog) -> None:
    listed = typed("runbooks", "--json").json
    assert [each["name"] for each in listed] == list(catalog)
    restart = next(each for each in listed if each["name"] == NAME)
    assert (restart["family"], restart["risk"], restart["undo"]) == ("restart", "disruptive", "in part")
    assert restart["changes"] == ["ec2:StartInstances", "ec2:StopInstances"]
    assert set(restart["changes"]) < set(restart["permissions"])
    assert restart["triggers"][0]["metric"] == "StatusCheckFailed_Instance"
    page = typed("runbooks", NAME, "--json").json
    assert [each["name"] for each in page["parameters"]] == ["instance_id", "within"]
    assert page["permissions"] == list(catalog[NAME].permissions)
    assert {each["title"]: each["undoing"] for each in page["changes"]}["start it again"] is True


def test_a_runbook_that_takes_its_family_from_the_call_says_so() -> None:
    """As JSON, too: one of the four words stands there as with any other, and all that it may be beside it."""
    listed = {each["name"]: each for each in typed("runbooks", "--json").json}
    assert {each["family"] for each in listed.values()} == {"restart", "scale-out", "failover", "restore"}
    own = listed["run-ssm-automation"]
    assert (own["families"], own["said_at_call"]) == (
        ["restart", "scale-out", "failover", "restore"],
        ["family", "risk"],
    )
    assert listed[NAME]["families"] == [listed[NAME]["family"]]
    assert "each call says it, else data-loss" in typed("runbooks", "run-ssm-automation").out
