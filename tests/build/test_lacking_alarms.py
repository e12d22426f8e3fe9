"""The template of the alarms that are lacking is one that CloudFormation takes."""

import json

import pytest
from cfnlint.api import lint_all

from nightcrew.authoring.catalog import Catalog
from nightcrew.dispatch.coverage.cloudformation import template
from nightcrew.dispatch.coverage.lacking import lacking
from tests.dispatch.coverage.test_lacking import EVERYTHING

pytestmark = pytest.mark.build
ADVICE = "I"  # how rules begin that only advise


def test_cfn_lint_finds_nothing_in_it(catalog: Catalog) -> None:
    """Of every kind of resource that a trigger is about."""
    missing = lacking(EVERYTHING, [], catalog)
    assert {each.trigger.namespace for each in missing} >= {"AWS/EC2", "AWS/ECS", "AWS/RDS", "AWS/Kinesis", "AWS/SQS"}
    found = [each for each in lint_all(json.dumps(template(missing))) if not each.rule.id.startswith(ADVICE)]
    assert [str(each) for each in found] == []
