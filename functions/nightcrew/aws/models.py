"""botocore's own description of each service, loaded when it is first needed and shared with the clients.

The EC2 model alone is some megabytes of JSON: one loader for calls and clients means that it is read once in a process.
"""

from functools import cache

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.session import Session

LOADER = Loader(include_default_search_paths=True)


@cache
def service_model(service: str) -> ServiceModel:
    """The model of ``service`` (botocore's name, "elbv2"). Raises botocore's UnknownServiceError for no such
    service.
    """
    return ServiceModel(LOADER.load_service_model(service, "service-2"), service)


@cache
def operations(service: str) -> dict[str, str]:
    """From the name in Python ("stop_instances") to the name in the API ("StopInstances")."""
    return {xform_name(name): name for name in service_model(service).operation_names}


def operation_model(service: str, operation: str) -> OperationModel:
    """The model of one operation, by its API name."""
    return service_model(service).operation_model(operation)


def session() -> Session:
    """A botocore session that shares the loader; it reads the caller's ordinary AWS configuration."""
    made = Session()
    made.register_component("data_loader", LOADER)
    return made
