"""Every build keeps every rule and is valid according to the schemas of Kubernetes and the operators."""

import copy
import json
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.k8s.builds import BUILDS
from tests.k8s.manifests import K8S, Manifests, Object, read, schema_errors
from tests.k8s.policy.rules import Mutant, Rule

MODULES = [import_module(f"tests.k8s.policy.{path.stem}") for path in sorted(Path(__file__).parent.glob("policy/*.py"))]
RULES = {each.name: each for module in MODULES for each in vars(module).values() if isinstance(each, Rule)}

Built = Callable[[str], Manifests]

VERSIONS = ("1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37")
CUSTOM = {path.stem: yaml.safe_load(path.read_text()) for path in Path(__file__).parent.glob("schemas/*.yaml")}

pytestmark = pytest.mark.timeout(600)  # the first test waits for all builds


@pytest.mark.parametrize("name", BUILDS)
def test_every_build_keeps_every_rule(built: Built, name: str) -> None:
    assert [violation for rule in RULES.values() for violation in rule(built(name))] == []


@pytest.mark.parametrize(
    ("rule", "mutant"),
    [pytest.param(rule, each, id=f"{rule.name}: {each}") for rule in RULES.values() for each in rule.mutants],
)
def test_a_rule_reports_its_mutants(built: Built, rule: Rule, mutant: Mutant) -> None:
    good = built(mutant.build)
    assert rule(good) == []
    assert rule(mutant.apply(good)) != []


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_every_rule_has_a_mutant(rule: Rule) -> None:
    assert rule.mutants


@pytest.fixture(scope="module")
def objects(built: Built) -> list[Object]:
    """The distinct objects of all builds, and the separately applied one."""
    builds = [*(built(name) for name in BUILDS), read(K8S / "components/keda/prometheus-access.yaml")]
    return list({json.dumps(each, sort_keys=True): each for build in builds for each in build.objects}.values())


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_accepts_every_object(objects: list[Object], version: str) -> None:
    own = [each for each in objects if each["kind"] not in CUSTOM]
    assert schema_errors(own, version) == []


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [("Deployment", "minReadySecond", 5), ("Service", "nodePort", 30080), ("NetworkPolicy", "policyTypes", "Ingress")],
)
def test_an_unknown_field_or_a_wrong_type_is_refused(
    objects: list[Object], kind: str, path: str, value: object
) -> None:
    bad = copy.deepcopy(next(each for each in objects if each["kind"] == kind))
    bad["spec"][path] = value
    assert schema_errors([bad], VERSIONS[0]) != []


@pytest.mark.parametrize(
    ("kind", "version"),
    [("PodDisruptionBudget", "policy/v1beta1"), ("HorizontalPodAutoscaler", "autoscaling/v2beta2")],
)
def test_a_removed_api_version_is_refused(objects: list[Object], kind: str, version: str) -> None:
    old = next(each for each in objects if each["kind"] == kind) | {"apiVersion": version}
    assert schema_errors([old], VERSIONS[0]) != []


@pytest.mark.parametrize("kind", CUSTOM)
def test_the_operators_accept_every_object(objects: list[Object], kind: str) -> None:
    ours = [each for each in objects if each["kind"] == kind]
    assert ours
    for each in ours:
        jsonschema.validate(each, CUSTOM[kind])


@pytest.mark.parametrize("kind", CUSTOM)
def test_a_field_unknown_to_an_operator_is_refused_everywhere(objects: list[Object], kind: str) -> None:
    bad = copy.deepcopy(next(each for each in objects if each["kind"] == kind))
    validator = jsonschema.Draft202012Validator(CUSTOM[kind])
    assert validator.is_valid(bad)
    # Items of one list share a schema, so one of them stands for all.
    for part in dict(mappings(bad["spec"], "spec")).values():
        part["portt"] = "ops"
        assert not validator.is_valid(bad)
        del part["portt"]


def mappings(value: Any, path: str) -> Iterator[tuple[str, Object]]:
    """The mappings within a value, by path without list indices; labels, which may have any key, excluded."""
    if isinstance(value, dict):
        if "app.kubernetes.io/name" not in value:
            yield path, value
        for key, each in value.items():
            yield from mappings(each, f"{path}.{key}")
    elif isinstance(value, list):
        for each in value:
            yield from mappings(each, f"{path}[]")
