"""Addresses at which an application tells that it is well: what may be asked, and what is never asked."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

ALLOWED = "an address like https://checkout.example.com/health, without user and query, or none"
MOST = 500
"""Characters."""

_TEXT = re.compile(r"https?://[!-~]+", re.ASCII)


def health_url(text: str) -> str:
    """The address, or nothing for ``none``. Raises ValueError for what is no address.

    It stands in ledger and journal, so there is no place in it for a secret: no user, no password, no query.
    """
    if text == "none":
        return ""
    parts = urlsplit(text)
    if len(text) > MOST or not _TEXT.fullmatch(text) or not parts.hostname or any(each in text for each in "@?#"):
        raise ValueError(text)
    _ = parts.port  # ValueError where it is no port
    return text


def is_of_this_machine(address: str) -> bool:
    """Whether an IP address is the machine's own, or one that serves it alone: Lambda's runtime, EC2's keys of its role
    (EC2 user guide, "Use the Instance Metadata Service"). An IPv4 address may hide in an IPv6 one.
    """
    ip = ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast or str(ip) in _METADATA


_METADATA = frozenset({"fd00:ec2::254"})
