"""People of the account, with the policies that the stack has for them."""

from tests.e2e.deployment import Deployed, Key


def somebody(deployed: Deployed, name: str, *policies: str) -> Key:
    """The key of a new user who has these of the stack's managed policies, by their outputs."""
    people = deployed.client("iam")
    people.create_user(UserName=name)
    for policy in policies:
        people.attach_user_policy(UserName=name, PolicyArn=deployed.outputs[policy])
    key = people.create_access_key(UserName=name)["AccessKey"]
    return str(key["AccessKeyId"]), str(key["SecretAccessKey"])
