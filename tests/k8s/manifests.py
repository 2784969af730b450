"""Kubernetes objects, read from files or built by kubectl."""

import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml
from kubernetes_validate import SchemaNotFoundError, ValidationError, utils

ROOT = Path(__file__).parents[2]
K8S = ROOT / "k8s"
Object = dict[str, Any]

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C loader, if PyYAML has it, because builds with dashboards are large."""

FACTORS = {"": 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30}


@dataclass(frozen=True)
class Manifests:
    """A list of Kubernetes objects."""

    objects: Sequence[Object]

    def of(self, kind: str) -> list[Object]:
        return [each for each in self.objects if each["kind"] == kind]

    def named(self, kind: str, name: str) -> Object | None:
        return next((each for each in self.of(kind) if each["metadata"]["name"] == name), None)

    @property
    def deployment(self) -> Object:
        (deployment,) = self.of("Deployment")
        return deployment

    @property
    def pod(self) -> Object:
        """The template's spec."""
        return dict(self.deployment["spec"]["template"]["spec"])

    @property
    def pod_labels(self) -> dict[str, str]:
        return dict(self.deployment["spec"]["template"]["metadata"]["labels"])

    @property
    def container(self) -> Object:
        (container,) = self.pod["containers"]
        return dict(container)

    @property
    def containers(self) -> list[Object]:
        """All containers of the pod."""
        kinds = ("initContainers", "containers", "ephemeralContainers")
        return [dict(each) for kind in kinds for each in self.pod.get(kind, [])]

    @property
    def namespace(self) -> str:
        return str(self.deployment["metadata"].get("namespace", "default"))

    @property
    def container_ports(self) -> dict[str, int]:
        return {port["name"]: port["containerPort"] for port in self.container["ports"]}

    def selected_by(self, selector: Mapping[str, str]) -> bool:
        """Whether a selector selects our pods; an empty selector does not count."""
        return bool(selector) and selector.items() <= self.pod_labels.items()

    def environment(self) -> dict[str, str]:
        """The container's environment variables; values of Secrets are invented."""
        found: dict[str, str] = {}
        for source in self.container.get("envFrom", []):
            config = self.named("ConfigMap", source["configMapRef"]["name"])
            found |= config["data"] if config else {}
        for variable in self.container.get("env", []):
            found[variable["name"]] = self._value(variable)
        return found

    def _value(self, variable: Object) -> str:
        if "value" in variable:
            return str(variable["value"])
        source = variable["valueFrom"]
        if "resourceFieldRef" in source:
            where, _, resource = source["resourceFieldRef"]["resource"].partition(".")
            whole = -(-quantity(self.container["resources"][where][resource]) // 1)  # rounded up, as the kubelet does
            return str(int(whole))
        if "secretKeyRef" in source:
            return "a secret of sufficient length"
        return str(source["fieldRef"]["fieldPath"])


def quantity(text: str | int) -> float:
    """``250m`` is 0.25, ``1Ki`` is 1024."""
    digits = str(text).rstrip("mkMGi")
    return float(digits) * FACTORS[str(text)[len(digits) :]]


def read(path: Path) -> Manifests:
    """The objects of a file."""
    return parse(path.read_text())


def parse(text: str) -> Manifests:
    return Manifests([each for each in yaml.load_all(text, LOADER) if each])


def build(kubectl: str, folder: Path) -> Manifests:
    """The objects that ``kubectl apply -k`` would send."""
    done = subprocess.run([kubectl, "kustomize", str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr  # a deprecated field is only warned about
    return parse(done.stdout)


def schema_errors(objects: Iterable[Object], version: str) -> list[str]:
    """Errors of the API server of a Kubernetes version: unknown fields, wrong types, unknown kinds."""
    errors = []
    with patch.object(utils, "schema_contents", cache(utils.schema_contents)):  # else read again for each object
        for each in objects:
            try:
                utils.validate(each, version, strict=True)
            except (ValidationError, SchemaNotFoundError) as error:
                errors.append(f"{each['kind']}/{each['metadata']['name']}: {error.message}")
    return errors


def probes(container: Object) -> Iterator[tuple[str, Object]]:
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        if name in container:
            yield name, container[name]
