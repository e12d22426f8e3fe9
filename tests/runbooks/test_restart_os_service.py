"""restart-os-service: what it promises at night."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from runbooks.restart.restart_os_service import SCRIPT
from tests.house import House
from tests.runbooks.machines import an_instance, behind_a_balancer, health

NAME = "restart-os-service"
SEND = "ssm:SendCommand"
OTHER = "i-0123456789abcdef0"

Event = Callable[[str], dict[str, Any]]


@pytest.fixture
def instance(house: House) -> str:
    """A running instance of this test's own, whose agent answers."""
    return an_instance(house)


def ends(house: House, instance: str, *looks: tuple[str, str, str]) -> None:
    """Each look at the command shows the next of these, the last from then on: status, details, what it printed.

    As ListCommandInvocations says it (Systems Manager user guide, "Understanding command statuses").
    """
    left = list(looks)

    def listed(_: Any) -> dict[str, Any]:
        sent = [each for each in house.scripted.sent if each.operation == "SendCommand"]
        if not sent:
            return {"CommandInvocations": []}
        status, details, said = left.pop(0) if len(left) > 1 else left[0]
        command = {
            "InstanceId": instance,
            "Comment": sent[-1].parameters["Comment"],
            "Status": status,
            "StatusDetails": details,
            "CommandPlugins": [{"Name": "aws:runShellScript", "Output": said}],
        }
        return {"CommandInvocations": [command, {**command, "Comment": "somebody else's", "Status": "Failed"}]}

    house.scripted.script("ssm", "ListCommandInvocations", listed)


def agent(house: House, instance: str, ping: str = "Online", platform: str = "Linux") -> None:
    """What Systems Manager says of the instance (API reference, InstanceInformation)."""
    node = {"InstanceId": instance, "PingStatus": ping, "PlatformType": platform, "AgentVersion": "3.3.0.0"}
    house.scripted.script("ssm", "DescribeInstanceInformation", lambda _: {"InstanceInformationList": [node]})


def restart(house: House, instance: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """Somebody restarts nginx on it."""
    return house.start(NAME, **{"instance_id": instance, "service": "nginx", "within": "1m", **given})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    instance = an_instance(house)
    behind_a_balancer(house, instance, an_instance(house))
    ends(house, instance, ("Success", "Success", "it was restarted, and is active"))
    assert restart(house, instance)[1]["outcome"] == "succeeded"


def left_alone(house: House, why: str, instance: str, **given: Any) -> None:
    """It ends as not applicable, says why, and sent no change."""
    _, ended = restart(house, instance, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_the_service_is_restarted_and_the_machine_itself_says_that_it_is_active(house: House, instance: str) -> None:
    ends(
        house,
        instance,
        ("Pending", "Pending", ""),
        ("InProgress", "InProgress", ""),
        ("Success", "Success", "it was restarted, and is active"),
    )
    run, ended = restart(house, instance)
    assert ended["outcome"] == "succeeded"
    assert ended["words"].endswith("nginx on " + instance + ": it was restarted, and is active")
    assert house.scripted.changes() == [SEND]
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["nginx is active"]


def test_it_is_healthy_again_wherever_a_load_balancer_asks_it(house: House, instance: str) -> None:
    """Active is what the machine says; healthy is what its users see."""
    behind_a_balancer(house, instance, OTHER)
    looks = iter(["unhealthy", "initial"])
    house.scripted.script(
        "elbv2", "DescribeTargetHealth", lambda _: health((instance, next(looks, "healthy")), (OTHER, "healthy"))
    )
    run, ended = restart(house, instance)
    assert ended["outcome"] == "succeeded"
    assert house.facts(run)[-1]["proved"].startswith("it is a healthy target of targets-")


def test_a_service_that_was_active_is_left_alone_on_the_machine(house: House, instance: str) -> None:
    """The command looks first, and its words stand in the outcome."""
    ends(house, instance, ("Success", "Success", "it was active, and was left alone"))
    _, ended = restart(house, instance)
    assert ended["outcome"] == "succeeded"
    assert "it was active, and was left alone" in ended["words"]


def test_a_service_that_does_not_come_back_is_a_failure_with_what_the_machine_said(house: House, instance: str) -> None:
    said = "it is not well\nnginx.service: Main process exited, code=exited, status=1/FAILURE"
    ends(house, instance, ("Failed", "Failed", said))
    run, ended = restart(house, instance)
    assert ended["outcome"] == "failed"
    assert "status=1/FAILURE" in ended["words"]
    assert "undone" not in house.closing(run)


def test_a_command_that_is_not_delivered_is_a_failure(house: House, instance: str) -> None:
    """The agent died a moment ago."""
    ends(house, instance, ("TimedOut", "DeliveryTimedOut", ""))
    _, ended = restart(house, instance)
    assert ended["outcome"] == "failed"
    assert "DeliveryTimedOut" in ended["words"]


def test_a_command_that_does_not_end_in_time_is_a_failure(house: House, instance: str) -> None:
    ends(house, instance, ("InProgress", "InProgress", ""))
    _, ended = restart(house, instance)
    assert ended["outcome"] == "failed"
    assert "the command has ended: not within 1 min" in ended["words"]
    assert house.scripted.changes() == [SEND]


def test_targets_that_stay_unhealthy_are_no_cure(house: House, instance: str) -> None:
    behind_a_balancer(house, instance, OTHER)
    house.scripted.script(
        "elbv2", "DescribeTargetHealth", lambda _: health((instance, "unhealthy"), (OTHER, "healthy"))
    )
    _, ended = restart(house, instance)
    assert ended["outcome"] == "ineffective"


def test_a_plan_changes_nothing_and_names_the_service(house: House, instance: str) -> None:
    """Parameters of a command are sensitive to AWS, and redacted: the title says what it does."""
    planned = house.plan(NAME, instance_id=instance, service="nginx")
    (line,) = planned.changes
    assert line["title"] == "restart nginx, unless it is active"
    assert line["parameters"]["DocumentName"] == "AWS-RunShellScript"
    assert (planned.outcome, planned.ends, house.scripted.changes()) == ("planned", None, [])


def test_an_instance_that_systems_manager_does_not_manage_is_not_applicable(house: House) -> None:
    left_alone(house, "Systems Manager does not manage the instance", OTHER)


@pytest.mark.parametrize("ping", ["ConnectionLost", "Inactive"])
def test_where_the_agent_died_somebody_is_told_what_to_do(house: House, instance: str, ping: str) -> None:
    agent(house, instance, ping)
    left_alone(house, "reboot-ec2-instance is for an instance whose agent is gone", instance)


def test_a_machine_without_systemd_is_left_alone(house: House, instance: str) -> None:
    agent(house, instance, platform="Windows")
    left_alone(house, "it is a Linux machine", instance)


def test_the_last_healthy_target_is_left_alone(house: House, instance: str) -> None:
    behind_a_balancer(house, instance)
    house.scripted.script("elbv2", "DescribeTargetHealth", lambda _: health((instance, "healthy")))
    left_alone(house, "it is not the last healthy target", instance)


@pytest.mark.parametrize("service", ["nginx; rm -rf /", "$(reboot)", "-h", "a'b", "a b", "../x", ""])
def test_what_is_no_name_of_a_unit_never_reaches_a_shell(house: House, instance: str, service: str) -> None:
    left_alone(house, "the name of a systemd unit", instance, service=service)


@pytest.mark.parametrize(
    "url", ["http://example.com/", "http://localhost/'; reboot", "file:///etc/passwd", "http://localhost@evil.example/"]
)
def test_a_health_url_is_on_the_machine_itself(house: House, instance: str, url: str) -> None:
    """Anything else could be made to call for somebody."""
    left_alone(house, "health_url is an address on the machine itself", instance, health_url=url)


def test_a_refused_command_ends_it(house: House, instance: str) -> None:
    """The role may not send commands to that machine (API reference, SendCommand)."""
    house.scripted.answer("ssm", "SendCommand", Refusal("AccessDeniedException"))
    run, ended = restart(house, instance)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "AccessDeniedException"
    assert "undone" not in house.closing(run)


def test_a_lost_reply_is_looked_at_and_the_command_is_not_sent_twice(house: House, instance: str) -> None:
    """Commands have no client token: its comment tells whose it is."""
    house.scripted.lose_reply("ssm", "SendCommand")
    run, ended = restart(house, instance)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [SEND]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_an_alarm_on_its_process_finds_it(house: House, event: Event, instance: str) -> None:
    """Too few processes of that name, as the CloudWatch agent's procstat counts them."""
    dimensions = {"exe": "nginx", "pid_finder": "native"}
    sent = house.alarmed(event("low-direction"), {"InstanceId": instance, **dimensions})
    metric = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    metric["namespace"], metric["name"] = "CWAgent", "procstat_lookup_pid_count"
    metric["dimensions"] = {"InstanceId": instance, **dimensions}
    answer, ended = house.crew.event(sent)
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "cured"


def run_script(tmp_path: Path, tools: Mapping[str, str], **given: Any) -> subprocess.CompletedProcess[str]:
    """The script itself, as a machine's shell runs it, with these tools instead of the machine's own."""
    shell = shutil.which("sh")
    assert shell
    for name, body in {"sleep": "exit 0", "curl": "exit 0", **tools}.items():
        tool = tmp_path / name
        tool.write_text(f"#!{shell}\n{body}\n")
        tool.chmod(0o755)
    script = SCRIPT.format(**{"unit": "nginx", "url": "", "always": "no", "steady": 0, **given})
    return subprocess.run(
        [shell, "-c", script],
        env={"PATH": str(tmp_path), "T": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )


# systemctl as it answers is-active, show (the process), restart and status, of a unit whose state is a file.
SYSTEMCTL = """
case "$1" in
  is-active) [ -e "$T/active" ] ;;
  show) {show} ;;
  restart) echo restarted >> "$T/log"; {restart} ;;
  status) echo "nginx.service: its last words" ;;
esac
"""
COMES_BACK = {"systemctl": SYSTEMCTL.format(restart=': > "$T/active"', show="echo 7")}


def test_the_script_restarts_a_dead_service_and_says_that_it_is_active(tmp_path: Path) -> None:
    done = run_script(tmp_path, COMES_BACK)
    assert (done.returncode, done.stdout) == (0, "it was restarted, and is active\n")


def test_the_script_leaves_an_active_service_alone_unless_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "active").touch()
    assert run_script(tmp_path, COMES_BACK).stdout == "it was active, and was left alone\n"
    assert not (tmp_path / "log").exists()
    assert run_script(tmp_path, COMES_BACK, always="yes").stdout == "it was restarted, and is active\n"


def test_the_script_restarts_an_active_service_that_does_not_answer(tmp_path: Path) -> None:
    """Active is not healthy: it hangs until it is restarted."""
    (tmp_path / "active").touch()
    tools = {**COMES_BACK, "curl": '[ -e "$T/log" ]'}
    done = run_script(tmp_path, tools, url="http://localhost/health")
    assert (done.returncode, done.stdout) == (0, "it was restarted, and is active\n")


def test_the_script_fails_where_the_service_stays_dead_and_says_its_last_words(tmp_path: Path) -> None:
    done = run_script(tmp_path, {"systemctl": SYSTEMCTL.format(restart="exit 0", show="echo 0")})
    assert (done.returncode, done.stdout) == (1, "it is not well\nnginx.service: its last words\n")


def test_the_script_fails_where_the_service_dies_again_and_again(tmp_path: Path) -> None:
    """Active each time it is asked, and each time another process."""
    another = 'echo x >> "$T/n"; n=0; while read line; do n=$((n + 1)); done < "$T/n"; echo $n'
    done = run_script(tmp_path, {"systemctl": SYSTEMCTL.format(restart=': > "$T/active"', show=another)})
    assert (done.returncode, done.stdout.startswith("it was started more than once")) == (1, True)
