"""The tags of resources, read for several at once. Source: Resource Groups Tagging API reference, GetResources."""

from collections.abc import Sequence

from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.aws.pages import pages

tagging = calls("resourcegroupstaggingapi")

PERMISSIONS = ("tag:GetResources",)
AT_ONCE = 100
"""ARNs in one request."""


def tags_of(cloud: Cloud, resources: Sequence[str]) -> dict[str, dict[str, str]]:
    """By ARN; what has no tags, is gone, or is of a kind that is not listed there, is left out. Raises Unreachable;
    CallFailed where AWS says no.
    """
    found: dict[str, dict[str, str]] = {}
    whole = [each for each in resources if "*" not in each]  # of some kinds only a pattern of the ARN is known
    for begin in range(0, len(whole), AT_ONCE):
        part = whole[begin : begin + AT_ONCE]
        try:
            for page in pages(cloud, tagging.get_resources(ResourceARNList=part), "PaginationToken"):
                for each in page.get("ResourceTagMappingList", []):
                    tags = {str(tag["Key"]): str(tag["Value"]) for tag in each.get("Tags", [])}
                    found[str(each["ResourceARN"])] = tags
        except CallFailed as failed:
            if failed.code != "InvalidParameterException":
                raise
    return found
