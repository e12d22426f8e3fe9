"""Give the whole weight of one weighted Route 53 record to another, when what the first points to is ill."""

from datetime import timedelta
from functools import partial
from typing import Any, Literal

from nightcrew import Run, calls, runbook
from nightcrew.aws.calls import Call
from nightcrew.aws.limit import TAG, VALUE
from nightcrew.aws.route53 import (
    ALIAS_TTL,
    HEAVIEST,
    HostedZoneId,
    change_id,
    checkers,
    healthy,
    in_sync,
    tells_health,
    weighted,
)
from nightcrew.aws.tags import tags_of

route53 = calls("route53")


@runbook(
    family="failover",
    risk="disruptive",
    by_hand=timedelta(minutes=20),
    deadline=timedelta(hours=2),
    permissions=[
        "route53:ChangeResourceRecordSets",
        "route53:GetChange",
        "route53:GetHealthCheck",
        "route53:GetHealthCheckStatus",
        "route53:ListResourceRecordSets",
        "route53:ListTagsForResource",
    ],
)
def shift_route53_weights(
    run: Run,
    hosted_zone: HostedZoneId,
    record: str,
    away_from: str,
    to: str,
    kind: Literal["A", "AAAA", "CNAME"] = "A",
    within: timedelta = timedelta(minutes=5),
) -> str:
    """Sets the weight of the record `away_from` to 0 and adds it to that of `to`: two identifiers of one name.

    Who has asked before keeps the old answer for the record's TTL, and clients that cache longer, longer: the ledger
    has the TTL, and the run waits for it. `to` must have a health check of an endpoint that most checkers reach, before
    and after. The hosted zone must be tagged `nightcrew: managed`: IAM cannot hold a change of records to a tag.

    Both records stand whole in the ledger, and are put back as they were if the change does not come through. If `to`
    falls ill under the load the run ends as ineffective, and the weights stay. Where `away_from` has a health check of
    its own, Route 53 moves its traffic by itself when it fails: prefer that. No alarm names a record, so this is for
    people, plans and bindings.
    """
    records = route53.list_resource_record_sets(
        HostedZoneId=hosted_zone, StartRecordName=record, StartRecordType=kind, MaxItems="300"
    )
    tags = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=hosted_zone)

    marked = run.read("its tags", tags, pick=lambda answer: tags_of(answer["ResourceTagSet"].get("Tags")))
    run.require(f"the hosted zone is tagged {TAG}: {VALUE}", marked.get(TAG) == VALUE)
    before = run.read("save the records", records, pick=partial(weighted, name=record, kind=kind))
    run.require(f"{away_from} and {to} are two weighted records of {record}", {away_from, to} <= set(before))
    run.require("they are two", away_from != to)
    ill, well = before[away_from], before[to]
    run.require(f"{away_from} has weight to give", ill["Weight"] > 0)

    check = well.get("HealthCheckId")
    run.require(f"{to} has a health check", check)
    endpoint = run.read(
        f"the health check of {to}",
        route53.get_health_check(HealthCheckId=check),
        pick=lambda answer: {"tells": tells_health(answer)},
    )
    run.require("it asks an endpoint, and is neither turned around nor switched off", endpoint["tells"])
    ask = route53.get_health_check_status(HealthCheckId=check)
    run.require(f"most checkers reach {to}", healthy(run.read(f"ask how {to} is", ask, pick=checkers)))

    weight = min(ill["Weight"] + well["Weight"], HEAVIEST)

    def put_back() -> None:
        undone = run.change("put both records back", _upsert(hosted_zone, run.id, ill, well), pick=change_id)
        run.wait_until("Route 53 answers as before", _synced(undone), in_sync, within=within)

    # It sets absolute values, so it is repeated where its outcome is unknown: only an answer tells by which id to ask
    # whether all servers have it.
    made = run.change(
        f"move the weight of {away_from} to {to}",
        _upsert(hosted_zone, run.id, {**ill, "Weight": 0}, {**well, "Weight": weight}),
        undo=put_back,
        pick=change_id,
    )
    run.wait_until("all of Route 53 answers so", _synced(made), in_sync, within=within)
    run.wait("let resolvers forget", timedelta(seconds=max(ill.get("TTL", ALIAS_TTL), 1)))
    run.prove(
        "the weights are those",
        records,
        lambda seen: seen == {away_from: 0, to: weight},
        within=within,
        pick=lambda answer: {
            name: each["Weight"] for name, each in weighted(answer, record, kind).items() if name in {away_from, to}
        },
    )
    run.prove(f"most checkers reach {to} with the load", ask, healthy, within=within, pick=checkers)
    return f"{record}: {to} has the weight {weight}, and {away_from} none; it had {ill['Weight']}"


def _upsert(hosted_zone: str, run: str, *records: Any) -> Call:
    changes = [{"Action": "UPSERT", "ResourceRecordSet": record} for record in records]
    return route53.change_resource_record_sets(
        HostedZoneId=hosted_zone, ChangeBatch={"Comment": f"nightcrew:run {run}", "Changes": changes}
    )


def _synced(change: Any) -> Call:
    return route53.get_change(Id=change["id"])
