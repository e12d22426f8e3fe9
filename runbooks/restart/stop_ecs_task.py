"""Stop one task of an ECS service, so that ECS starts another one in its place."""

from datetime import timedelta

from nightcrew import Run, calls, runbook
from nightcrew.aws.ecs import ClusterName, ServiceName, only_service, only_task, settled, task_id, task_ids
from runbooks.service_targets import asked_groups, prove_targets

ecs = calls("ecs")


@runbook(
    family="restart",
    risk="disruptive",
    by_hand=timedelta(minutes=10),
    deadline=timedelta(hours=1),
    permissions=[
        "ecs:DescribeServices",
        "ecs:DescribeTasks",
        "ecs:ListTasks",
        "ecs:StopTask",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
)
def stop_ecs_task(
    run: Run,
    service: ServiceName,
    cluster: ClusterName,
    task: str,
    others: int = 1,
    within: timedelta = timedelta(minutes=10),
) -> str:
    """Stops one task, by its id, that hangs while the others serve; ECS starts a new one in its place by itself.

    Its containers get a stop signal and, if nothing else is set, 30 s. What the task held in memory is gone. It is
    stopped only if the service is stable, and `others` tasks or more go on without it. Nightcrew's role stops tagged
    tasks only: let the service propagate its tags to them.

    The undo is to see ECS replace it: the service wants as many tasks as before. No alarm starts this, as CloudWatch's
    figures of ECS are about services. A task that must be stopped again and again leaks, and stopping it hides that:
    look in the ledger how often this service needed it.
    """
    name = task_id(task)
    state = ecs.describe_services(cluster=cluster, services=[service])
    itself = ecs.describe_tasks(cluster=cluster, tasks=[name])
    running = ecs.list_tasks(cluster=cluster, serviceName=service, desiredStatus="RUNNING")

    before = run.read("find the service", state, pick=only_service)
    run.require("it is ACTIVE", before["status"] == "ACTIVE")
    found = run.read("find the task", itself, pick=only_task)
    run.require(f"it is a task of {service}", found["group"] == f"service:{service}")
    run.require("it runs, and nobody stops it already", found["last"] == found["wanted"] == "RUNNING")
    run.require("the service is stable: no deployment is under way, and all its tasks run", settled(before))
    run.require("others is 1 or more", others >= 1)
    run.require(f"{others} tasks go on without it", before["running"] - 1 >= others)
    known = run.read("list its tasks", running, pick=task_ids)
    run.require("it has no more than a hundred tasks, and this is one", len(known) < 100 and name in known)
    targets = asked_groups(run, before["target_groups"])

    def see_it_replaced() -> None:
        run.wait_until("the service has all its tasks", state, settled, within=within, pick=only_service)

    run.change(
        "stop the task",
        ecs.stop_task(cluster=cluster, task=name, reason=f"stopped by {run.id}"),
        undo=see_it_replaced,
        took_effect=(itself, lambda answer: not answer["tasks"] or only_task(answer)["wanted"] == "STOPPED"),
        pick=lambda answer: {"wanted": answer["task"]["desiredStatus"]},
    )
    # All may seem to run still, just after the call: that it is another one is what cannot be stale.
    run.wait_until("it has gone", running, lambda ids: name not in ids, within=within, pick=task_ids)
    run.wait_until("another has come", running, lambda ids: set(ids) - set(known), within=within, pick=task_ids)
    run.prove("the service has all its tasks again", state, settled, within=within, pick=only_service)
    prove_targets(run, targets, before["desired"], within=within)
    return f"ECS runs another task of {service} in the place of {name}"
