"""The selector and the settings."""

import re
from collections.abc import Iterator

from service.settings import Settings, SettingsError
from tests.k8s.manifests import Manifests
from tests.k8s.policy.rules import CONTAINER, ENV, SPEC, mutants, rule

SELECTOR = {"app.kubernetes.io/name": "cifar10"}


@rule(mutants(("spec.selector.matchLabels.version", "v1")))
def the_selector_is_stable(manifests: Manifests) -> Iterator[str]:
    if manifests.deployment["spec"]["selector"]["matchLabels"] != SELECTOR:
        yield "the selector is immutable, so an apply would fail"


@rule(
    mutants(
        ("data.PREDICTOR_LOG_LEVEL", "verbose"), ("data.PREDICTOR_FAULT", "slow"), target="ConfigMap/cifar10-settings-"
    )
)
def the_server_accepts_its_settings(manifests: Manifests) -> Iterator[str]:
    try:
        Settings.from_env(manifests.environment())
    except SettingsError as error:
        yield str(error)


@rule(mutants((ENV + "0", {"name": "X", "value": "$(OTEL_RESOURCE_ATTRIBUTES)"})))
def a_variable_is_defined_before_it_is_used(manifests: Manifests) -> Iterator[str]:
    defined: set[str] = set()
    for variable in manifests.container.get("env", []):
        for name in re.findall(r"\$\((\w+)\)", str(variable.get("value", ""))):
            if name not in defined:
                yield f"$({name}) in {variable['name']} is not expanded"
        defined.add(variable["name"])


@rule(mutants((CONTAINER + "envFrom.0.configMapRef.name", "cifar10-settings"), (SPEC + "volumes", [])))
def every_reference_is_resolved(manifests: Manifests) -> Iterator[str]:
    for source in manifests.container.get("envFrom", []):
        if manifests.named("ConfigMap", source["configMapRef"]["name"]) is None:
            yield f"no ConfigMap {source['configMapRef']['name']}"
    for variable in manifests.container.get("env", []):
        source = variable.get("valueFrom", {}).get("secretKeyRef")
        if source and not source.get("optional"):
            yield f"no Secret {source['name']}"
    volumes = {volume["name"] for volume in manifests.pod.get("volumes", [])}
    for mount in manifests.container.get("volumeMounts", []):
        if mount["name"] not in volumes:
            yield f"no volume {mount['name']}"
