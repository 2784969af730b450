"""What the spans are told to come from."""

from opentelemetry.sdk.resources import Resource

from service.version import VERSION

NAME = "cifar10"
"""Of the service, unless ``OTEL_SERVICE_NAME`` says otherwise."""


def described() -> Resource:
    """This service, with whatever else the environment says of it."""
    resource = Resource({"service.version": VERSION}).merge(Resource.create())
    if str(resource.attributes["service.name"]).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": NAME}))
    return resource
