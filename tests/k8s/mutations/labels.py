"""What breaks the rules about the selector and the settings."""

from tests.k8s.mutations.mutation import CONTAINER, ENV, SPEC, broken_by

MUTATIONS = [
    *broken_by("the_selector_never_has_to_change", ("spec.selector.matchLabels.version", "v1")),
    *broken_by(
        "the_server_takes_its_settings",
        ("data.PREDICTOR_LOG_LEVEL", "verbose"),
        ("data.PREDICTOR_FAULT", "slow"),
        target="ConfigMap/cifar10-settings-",
    ),
    *broken_by(
        "a_variable_is_defined_before_it_is_used", (ENV + "0", {"name": "X", "value": "$(OTEL_RESOURCE_ATTRIBUTES)"})
    ),
    *broken_by(
        "what_is_referred_to_is_there",
        (CONTAINER + "envFrom.0.configMapRef.name", "cifar10-settings"),
        (SPEC + "volumes", []),
    ),
]
