"""Which addresses an application's health may be asked at."""

import pytest

from nightcrew.addresses import health_url, is_of_this_machine


@pytest.mark.parametrize(
    "text", ["https://checkout.example.com/health", "http://10.0.0.7:8080/", "https://[fd00::7]/up"]
)
def test_an_address_is_taken_as_it_is(text: str) -> None:
    assert health_url(text) == text


def test_none_is_no_address() -> None:
    assert health_url("none") == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "checkout.example.com",
        "ftp://checkout.example.com/",
        "file:///etc/passwd",
        "https://",
        "https://ada:secret@checkout.example.com/",
        "https://checkout.example.com/?key=secret",
        "https://checkout.example.com/#part",
        "https://checkout.example.com:99999/",
        "https://checkout.example.com/a b",
        "https://checkout.example.com/\r\nHost: other",
        "https://checkout.example.com/" + "x" * 500,
    ],
)
def test_what_is_no_address_or_could_hold_a_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        health_url(text)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "0.0.0.0",  # noqa: S104  an address that is refused
        "::1",
        "fe80::1%eth0",
        "::ffff:127.0.0.1",
        "fd00:ec2::254",
    ],
)
def test_the_machines_own_addresses_are_known_in_each_of_their_forms(address: str) -> None:
    assert is_of_this_machine(address)


@pytest.mark.parametrize("address", ["10.0.0.7", "192.168.1.1", "203.0.113.9", "fd00::7", "2001:db8::1"])
def test_other_addresses_private_ones_too_are_not(address: str) -> None:
    assert not is_of_this_machine(address)
