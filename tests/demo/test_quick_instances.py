"""moto's instances where they are looked for in a shorter way: they are found as ever."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.ec2.models import ec2_backends
from moto.ec2.models.instance_types import InstanceTypeOfferingBackend
from moto.ec2.models.instances import InstanceBackend

from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.demo.embedded import ACCOUNT, IMAGE, REGION


def ec2(clients: ClientMaker) -> Any:
    return clients("ec2", READING)


def three(clients: ClientMaker) -> list[str]:
    """Started together, so in one reservation."""
    made = ec2(clients).run_instances(ImageId=IMAGE, MinCount=3, MaxCount=3, InstanceType="t3.micro")
    return [each["InstanceId"] for each in made["Instances"]]


def test_one_of_a_reservation_is_found_alone_and_the_others_stay_in_it(clients: ClientMaker) -> None:
    instances = three(clients)
    for asked in (instances[1:2], instances):
        [found] = ec2(clients).describe_instances(InstanceIds=asked)["Reservations"]
        assert [each["InstanceId"] for each in found["Instances"]] == asked


def test_reservations_are_filtered(clients: ClientMaker) -> None:
    instances = three(clients)
    ec2(clients).stop_instances(InstanceIds=instances[:1])
    wanted = [{"Name": "instance-state-name", "Values": ["stopped"]}, {"Name": "instance-id", "Values": instances}]
    [found] = ec2(clients).describe_instances(Filters=wanted)["Reservations"]
    assert [each["InstanceId"] for each in found["Instances"]] == instances[:1]


def test_what_is_given_is_a_copy_with_all_that_a_reservation_has(clients: ClientMaker) -> None:
    three(clients)
    backend: InstanceBackend = ec2_backends[ACCOUNT][REGION]
    for given, kept in zip(backend.all_reservations(), backend.reservations.values(), strict=True):
        assert given is not kept
        assert (type(given), vars(given)) == (type(kept), vars(kept))


def test_a_type_that_is_not_offered_is_refused(clients: ClientMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moto.settings.EC2_ENABLE_INSTANCE_TYPE_VALIDATION", True)
    with pytest.raises(ClientError, match="enormous"):
        ec2(clients).run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.enormous")


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ({"instance-type": ["t3.micro"]}, True),
        ({"instance-type": ["t3.small"]}, False),
        ({"location": ["eu-west-1"], "instance-type": ["t3.micro"]}, True),
        ({"location": ["us-east-1"], "instance-type": ["t3.micro"]}, False),
        ({"location": ["us-east-1"]}, False),
        ({}, True),
    ],
)
def test_an_offer_is_held_to_what_is_asked(filters: dict[str, list[str]], fits: bool) -> None:
    offer = {"InstanceType": "t3.micro", "Location": "eu-west-1"}
    assert InstanceTypeOfferingBackend().matches_filters(offer, filters, "region") is fits
