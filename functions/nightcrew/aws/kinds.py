"""Read or change: decided here, and nowhere else, by an operation's name.

AWS names its reads with a few verbs; everything else counts as a change. The exceptions go both ways. A test holds
this against IAM's access levels (Service Authorization Reference) for each operation that the catalog uses.
"""

_READS = (
    "BatchGet",
    "Describe",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Query",
    "Scan",
    "Search",
    "Select",
    "Simulate",
    "Test",
    "Validate",
)

_READS_BY_NAME = frozenset(
    {
        "dynamodb:TransactGetItems",
        "logs:FilterLogEvents",
        "sts:DecodeAuthorizationMessage",
    }
)

# Named like reads, yet they change something: TestFailover fails a node over, GetTransitGateway… is fine.
_CHANGES_BY_NAME = frozenset(
    {
        "elasticache:TestFailover",
        "elasticache:TestMigration",
        "ecr:GetAuthorizationToken",
        "sts:GetSessionToken",
        "sts:GetFederationToken",
    }
)


def is_read(service: str, operation: str) -> bool:
    """Whether ``operation`` (API name) of ``service`` only reads."""
    name = f"{service}:{operation}"
    if name in _CHANGES_BY_NAME:
        return False
    return name in _READS_BY_NAME or operation.startswith(_READS)
