"""A request that leaves botocore on the quick way goes where it went, and says who sends it."""

from typing import Any
from unittest.mock import patch

import pytest
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.regions import EndpointRulesetResolver
from moto.core.botocore_stubber import MockRawResponse

from nightcrew.aws.calls import Place
from nightcrew.aws.cloud import READING
from nightcrew.aws.models import service_model
from nightcrew.demo.embedded import clients_of

_ORDINARY = EndpointRulesetResolver.construct_endpoint  # no cloud is up yet
STREAMS = [f"arn:aws:kinesis:eu-west-1:{account}:stream/a" for account in ("111111111111", "222222222222")]
RECORD: dict[str, Any] = {"Data": b"", "PartitionKey": "a"}


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("service", "calls"),
    [
        ("kinesis", [("describe_stream", {"StreamARN": each}) for each in STREAMS]),
        ("kinesis", [("put_record", {"StreamARN": each, **RECORD}) for each in STREAMS]),
        ("kinesis", [("put_record", {"StreamName": "a", **RECORD}), ("describe_stream", {"StreamName": "a"})]),
        ("dynamodb", [("describe_table", {"TableName": each}) for each in ("a", STREAMS[0].replace("kinesis", "dy"))]),
        ("s3", [("head_bucket", {"Bucket": each}) for each in ("a-bucket", "a.bucket")]),
        ("route53", [("list_hosted_zones", {})]),
        ("sqs", [("list_queues", {})]),
    ],
)
def test_it_goes_where_the_rules_send_it(service: str, calls: list[tuple[str, dict[str, Any]]]) -> None:
    """Each operation, by what it names, in its Region, the second time as well."""

    def sent(region: str) -> list[tuple[str, str]]:
        client = clients_of()(service, READING, Place(region))
        went: list[tuple[str, str]] = []

        def away(request: Any, **_: Any) -> AWSResponse:
            said = request.headers["Authorization"].decode()
            went.append((request.url, said.partition("Credential=")[2].partition(", ")[0].partition("/")[2]))
            return AWSResponse(request.url, 200, {}, MockRawResponse("<a/>" if service in {"s3", "route53"} else "{}"))

        client.meta.events.register_first("before-send", away)
        for operation, asked in calls * 2:
            getattr(client, operation)(**asked)
        return [(url, scope.partition("/")[2]) for url, scope in went]  # without the day

    for region in ("eu-west-1", "us-east-1"):
        quick = sent(region)
        assert len(quick) == 2 * len(calls)
        assert EndpointRulesetResolver.construct_endpoint is not _ORDINARY
        with patch.object(EndpointRulesetResolver, "construct_endpoint", _ORDINARY):
            assert sent(region) == quick


@pytest.mark.usefixtures("cloud")
def test_each_request_has_an_id_of_its_own() -> None:
    """And says which client sent it."""
    client = clients_of()("sqs", READING)
    ids: list[str] = []

    def seen(request: Any, **_: Any) -> None:
        ids.append(request.headers["amz-sdk-invocation-id"])
        assert b"Botocore/" in request.headers["User-Agent"]

    client.meta.events.register_first("before-send", seen)
    for _ in range(3):
        client.list_queues()
    assert len(set(ids)) == 3


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("service", ["sqs", "sns"])
def test_each_client_has_the_methods_of_its_service(service: str) -> None:
    """And no other's; what somebody adds to a client's class is that one's own."""
    model = service_model(service)
    first, second = (type(clients_of()(service, READING)) for _ in range(2))
    for each in (first, second):
        written = {name for name in vars(each) if not name.startswith("_")} - {"generate_presigned_url"}
        assert written == {xform_name(name) for name in model.operation_names}
    first.added = True
    assert not hasattr(second, "added")
