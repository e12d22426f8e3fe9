"""Restart a systemd service on an EC2 instance, through Systems Manager."""

from datetime import timedelta

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.ec2 import InstanceId, only_instance
from nightcrew.aws.ssm import command_of, is_local_url, is_unit, only_node, send_script, sent_since
from runbooks.target_health import prove_healthy, require_not_the_last, standings, target_groups_of_vpc

ec2 = calls("ec2")
ssm = calls("ssm")

LIMIT = timedelta(minutes=5)

STEADY = 15
"""Seconds after which it must still run, as the same process: a service that dies at once is active for a moment."""

SCRIPT = """\
set -u
pid() {{ systemctl show --property MainPID --value '{unit}'; }}
well() {{ systemctl is-active --quiet '{unit}' && {{ [ -z '{url}' ] || \
curl --fail --silent --show-error --max-time 5 --output /dev/null '{url}'; }}; }}
if [ '{always}' = no ] && well; then echo 'it was active, and was left alone'; exit 0; fi
systemctl restart '{unit}' || {{ systemctl status --no-pager --lines 0 '{unit}'; exit 1; }}
before=$(pid)
for try in 1 2 3 4 5 6; do sleep {steady}; well && break; done
well || {{ echo 'it is not well'; systemctl status --no-pager --lines 0 '{unit}'; exit 1; }}
[ "$before" = "$(pid)" ] || {{ echo 'it was started more than once: it dies again and again'; exit 1; }}
echo 'it was restarted, and is active'
"""


@runbook(
    family="restart",
    risk="disruptive",
    by_hand=timedelta(minutes=10),
    deadline=timedelta(minutes=45),
    triggers=[
        Alarm(
            "CWAgent",
            "procstat_lookup_pid_count",
            direction="low",
            where={"pid_finder": "native"},
            instance_id="InstanceId",
            service="exe",
        )
    ],
    permissions=[
        "ec2:DescribeInstances",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "ssm:DescribeInstanceInformation",
        "ssm:ListCommandInvocations",
        "ssm:SendCommand",
    ],
)
def restart_os_service(
    run: Run,
    instance_id: InstanceId,
    service: str,
    health_url: str = "",
    even_if_active: bool = False,
    within: timedelta = timedelta(minutes=10),
) -> str:
    """Restarts the systemd unit `service` on the instance; what it serves is away for some seconds.

    On the machine itself it is looked at first: a service that is active (and answers at `health_url`, an address on
    the machine like `http://localhost:8080/health`, if one is given) is left alone, unless `even_if_active` is said.
    After the restart it must be active, answer there, and still be the same process 15 s later or more.

    The command goes through Systems Manager, so its agent must answer: where the agent is what died, reboot the
    instance. The instance is left alone, too, if it is not a Linux machine, or the last healthy target of a target
    group. A command that is not delivered within a minute is not delivered later.

    Proved are the command's own words about the service, and that the instance is healthy wherever a load balancer
    asks it. There is nothing to undo. Whether a command was sent is looked up by its comment, the run's own.

    For the trigger, let the CloudWatch agent's procstat watch `exe` by the name of the unit, with `InstanceId` as the
    only dimension that it appends.
    """
    run.require("service is the name of a systemd unit", is_unit(service))
    run.require("health_url is an address on the machine itself", not health_url or is_local_url(health_url))
    which = [{"Key": "InstanceIds", "Values": [instance_id]}]
    node = run.read("find its agent", ssm.describe_instance_information(Filters=which), pick=only_node)
    words = "its agent answers (reboot-ec2-instance is for an instance whose agent is gone)"
    run.require(words, node["ping"] == "Online")
    run.require("it is a Linux machine", node["platform"] == "Linux")
    instance = run.read("find the instance", ec2.describe_instances(InstanceIds=[instance_id]), pick=only_instance)
    serving = standings(run, instance_id, target_groups_of_vpc(run, instance["vpc"]))
    require_not_the_last(run, serving)

    comment = f"nightcrew {run.id}"
    # Other commands go to the same machine: ours is known by its comment, among those since this run began.
    sent = sent_since(instance_id, run.now)
    script = SCRIPT.format(unit=service, url=health_url, always="yes" if even_if_active else "no", steady=STEADY)
    run.change(
        f"restart {service}{' although it is active' if even_if_active else ', unless it is active'}",
        # Nothing of it goes on when nobody waits for it any more.
        send_script(instance_id, script, comment, min(within, LIMIT)),
        took_effect=(sent, lambda answer: command_of(comment)(answer)["found"]),
    )
    ended = run.wait_until(
        "the command has ended", sent, lambda seen: seen["over"], within=within, pick=command_of(comment)
    )
    run.require(f"{service} is active again ({ended['status']}: {ended['said']})", ended["ok"])
    run.prove(f"{service} is active", sent, lambda seen: seen["ok"], within=within, pick=command_of(comment))
    prove_healthy(run, instance_id, serving, within=within)
    return f"{service} on {instance_id}: {ended['said']}"
