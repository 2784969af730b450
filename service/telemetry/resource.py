"""What the spans are told to come from."""

from opentelemetry.sdk.resources import Resource

from service.version import VERSION

NAME = "cifar10"
"""Of the service, unless ``OTEL_SERVICE_NAME`` says otherwise."""


class HashedResource(Resource):
    """A resource whose hash is computed once; the exporter asks for it with every span, for as long as encoding one."""

    def __init__(self, resource: Resource) -> None:
        super().__init__(resource.attributes, resource.schema_url)
        self._hash = super().__hash__()

    def __hash__(self) -> int:
        return self._hash


def described() -> HashedResource:
    """This service, with whatever else the environment says of it."""
    resource = Resource({"service.version": VERSION}).merge(Resource.create())
    if str(resource.attributes["service.name"]).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": NAME}))
    return HashedResource(resource)
