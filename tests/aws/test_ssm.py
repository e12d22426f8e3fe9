"""Systems Manager: whose agent answers, what became of a command, and what may stand in one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nightcrew.aws.ssm import command_of, is_local_url, is_path, is_unit, only_node, send_script, sent_since
from nightcrew.errors import Unknown


def invocation(status: str, details: str, output: str, comment: str = "ours") -> dict[str, Any]:
    """A command on a machine as ListCommandInvocations lists it."""
    return {
        "CommandId": "ef7fdfd8-9b57-4151-a15c-db9a12345678",
        "InstanceId": "i-0abc1234def567890",
        "Comment": comment,
        "Status": status,
        "StatusDetails": details,
        "CommandPlugins": [{"Name": "aws:runShellScript", "Status": status, "Output": output}],
    }


def test_a_node_is_what_its_agent_says() -> None:
    node = {"InstanceId": "i-1", "PingStatus": "ConnectionLost", "PlatformType": "Linux", "AgentVersion": "3.3.0.0"}
    found = only_node({"InstanceInformationList": [node]})
    assert found == {"ping": "ConnectionLost", "platform": "Linux", "agent": "3.3.0.0"}


def test_an_instance_without_an_agent_is_unknown_to_it() -> None:
    with pytest.raises(Unknown):
        only_node({"InstanceInformationList": []})


@pytest.mark.parametrize(
    ("status", "details", "over", "ok"),
    [
        ("Pending", "Pending", False, False),
        ("InProgress", "InProgress", False, False),
        ("Delayed", "Delayed", False, False),
        ("Cancelling", "Cancelling", False, False),
        ("Success", "Success", True, True),
        ("TimedOut", "DeliveryTimedOut", True, False),
        ("TimedOut", "ExecutionTimedOut", True, False),
        ("Failed", "Undeliverable", True, False),
        ("Cancelled", "Cancelled", True, False),
    ],
)
def test_a_command_is_over_or_not_and_well_only_when_it_succeeded(
    status: str, details: str, over: bool, ok: bool
) -> None:
    seen = command_of("ours")({"CommandInvocations": [invocation(status, details, "")]})
    assert (seen["found"], seen["over"], seen["ok"], seen["status"]) == (True, over, ok, details)


def test_a_command_is_known_by_its_comment() -> None:
    """Others are sent to the same machine."""
    listed = [invocation("Failed", "Failed", "theirs", "somebody"), invocation("Success", "Success", "ours")]
    assert command_of("ours")({"CommandInvocations": listed})["said"] == "ours"


def test_a_command_that_does_not_show_yet_is_not_found() -> None:
    seen = command_of("ours")({"CommandInvocations": []})
    assert (seen["found"], seen["over"], seen["ok"]) == (False, False, False)


def test_only_the_end_of_what_it_printed_is_kept() -> None:
    """That is where it says why."""
    said = command_of("ours")({"CommandInvocations": [invocation("Failed", "Failed", "x" * 1000 + " because\n")]})[
        "said"
    ]
    assert said.endswith("because")
    assert len(said) == 300


@pytest.mark.parametrize("name", ["nginx", "app@2.service", "systemd-networkd", "my_app.timer"])
def test_names_of_units(name: str) -> None:
    assert is_unit(name)


@pytest.mark.parametrize("name", ["", "-h", "a b", "a;b", "a'b", "$(a)", "a\nb", "nginx\n", "../a", "a`b`"])
def test_what_a_shell_would_take_for_more_is_no_name(name: str) -> None:
    assert not is_unit(name)


@pytest.mark.parametrize(
    "url", ["http://localhost/", "https://127.0.0.1:8443/health?deep=1&x=%20", "http://localhost:80"]
)
def test_addresses_on_the_machine_itself(url: str) -> None:
    assert is_local_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost.example/",
        "http://localhost@example/",
        "http://localhost/'",
        "http://localhost/\n",
        "ftp://localhost/",
    ],
)
def test_other_addresses_are_not(url: str) -> None:
    assert not is_local_url(url)


@pytest.mark.parametrize(
    ("path", "can"),
    [
        ("/", True),
        ("/var/lib/my-data_1.d", True),
        ("data", False),
        ("/da'ta", False),
        ("/$(reboot)", False),
        ("", False),
    ],
)
def test_only_a_plain_absolute_path_may_stand_in_a_command(path: str, can: bool) -> None:
    assert is_path(path) is can


def test_a_script_is_found_again_among_those_sent_since_shortly_before() -> None:
    """Clocks differ by some minutes."""
    send = send_script("i-0abc1234def567890", "true", "ours", timedelta(minutes=5))
    assert send.parameters["Parameters"] == {"commands": ["true"], "executionTimeout": ["300"]}
    look = sent_since("i-0abc1234def567890", datetime(2026, 11, 21, 3, 5, tzinfo=UTC))
    assert look.parameters["Filters"] == [
        {"key": "InvokedAfter", "value": "2026-11-21T02:55:00Z"},
        {"key": "DocumentName", "value": send.parameters["DocumentName"]},
    ]
