"""What AWS Artifact offers: the list of AWS's own audit reports, for whoever may see it.

Source: AWS Artifact API reference, ListReports. The service is in one Region of a partition.
"""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from nightcrew.clock import stamp

REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1"}
_KEPT = ("id", "version", "name", "series", "category", "periodStart", "periodEnd", "state", "arn")


def region_of(region: str) -> str:
    """Where to ask, from a Region of the account."""
    return REGIONS["aws-us-gov" if region.startswith("us-gov-") else "aws"]


def reports(client: Any) -> dict[str, Any]:
    """The reports by name; or, in words, why there is no list. Who may not see it gets evidence all the same."""
    try:
        found = [each for page in client.get_paginator("list_reports").paginate() for each in page.get("reports", ())]
    except (ClientError, BotoCoreError) as trouble:
        return {"reports": None, "trouble": str(trouble)}
    rows = [{name: _plain(each[name]) for name in _KEPT if name in each} for each in found]
    return {"reports": sorted(rows, key=lambda row: (str(row.get("name")), str(row.get("id")))), "trouble": None}


def not_asked(why: str) -> dict[str, Any]:
    """The same, where nobody asked."""
    return {"reports": None, "trouble": f"not asked: {why}"}


def _plain(value: Any) -> Any:
    return stamp(value) if hasattr(value, "astimezone") else value
