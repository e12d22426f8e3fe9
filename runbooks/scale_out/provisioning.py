"""What a Lambda alias or version has provisioned: how it is asked for and set. Shared by the runbooks that raise it and
put it back.
"""

from nightcrew import calls
from nightcrew.aws.calls import Call

functions = calls("lambda")


def asked(function: str) -> Call:
    """The read of all that the function's aliases and versions have provisioned."""
    return functions.list_provisioned_concurrency_configs(FunctionName=function, MaxItems=50)


def provision(function: str, qualifier: str, number: int) -> Call:
    """The change to that number; with 0 nothing is provisioned any more."""
    if number == 0:
        return functions.delete_provisioned_concurrency_config(FunctionName=function, Qualifier=qualifier)
    return functions.put_provisioned_concurrency_config(
        FunctionName=function, Qualifier=qualifier, ProvisionedConcurrentExecutions=number
    )
