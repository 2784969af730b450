"""The three files of the walkthrough, which can be applied separately to an empty cluster."""

import pytest

from service.app import create_app
from service.settings import Settings
from tests.k8s.manifests import K8S, Manifests, read
from tests.k8s.policy.edge import OPERATIONS
from tests.k8s.policy.labels import every_reference_is_resolved
from tests.k8s.policy.security import the_pod_has_no_api_credentials

DEPLOYMENT = read(K8S / "base/cifar10-deployment.yaml")
SERVICE = read(K8S / "base/cifar10-service.yaml")
INGRESS = read(K8S / "base/cifar10-ingress.yaml")
ROUTE = read(K8S / "components/gateway/http-route.yaml")

BUILT_IN = {"v1", "apps/v1", "networking.k8s.io/v1", "policy/v1"}


@pytest.mark.parametrize("manifests", [DEPLOYMENT, SERVICE, INGRESS], ids=["deployment", "service", "ingress"])
def test_a_file_needs_no_namespace_and_no_operator(manifests: Manifests) -> None:
    for each in manifests.objects:
        assert "namespace" not in each["metadata"]
        assert each["apiVersion"] in BUILT_IN


def test_the_deployment_references_nothing_outside_its_file() -> None:
    assert [*every_reference_is_resolved(DEPLOYMENT), *the_pod_has_no_api_credentials(DEPLOYMENT)] == []


def test_the_object_names_are_stable() -> None:
    assert DEPLOYMENT.named("Deployment", "cifar10-deployment")
    assert DEPLOYMENT.container["name"] == "cifar10"
    assert DEPLOYMENT.container["image"] == "cifar-api-cpu:v1"
    assert SERVICE.named("Service", "cifar10-service")
    ingress = INGRESS.named("Ingress", "cifar10-ingress")
    assert ingress is not None
    assert ingress["spec"]["ingressClassName"] == "nginx"
    assert [rule["host"] for rule in ingress["spec"]["rules"]] == ["tarry.cifar10.local"]


def test_the_node_port_leads_to_the_api() -> None:
    service = SERVICE.named("Service", "cifar10-service")
    assert service is not None
    assert service["spec"]["type"] == "NodePort"
    assert [(port["port"], port["targetPort"], port["nodePort"]) for port in service["spec"]["ports"]] == [
        (80, "http", 30080)
    ]


def test_the_ingress_routes_every_public_path_and_none_of_operations() -> None:
    app = create_app(Settings(), None)
    operations = {rule.rule for rule in app.extensions["predictor"].ops.url_map.iter_rules()}
    public = {rule.rule for rule in app.url_map.iter_rules()} - operations
    assert operations == OPERATIONS
    assert public <= ingress_paths()
    assert not operations & ingress_paths()


def test_the_gateway_routes_the_paths_of_the_ingress() -> None:
    (route,) = ROUTE.of("HTTPRoute")
    (ingress,) = INGRESS.of("Ingress")
    (rule,) = route["spec"]["rules"]
    assert {match["path"]["value"] for match in rule["matches"]} == ingress_paths()
    assert route["spec"]["hostnames"] == [ingress["spec"]["rules"][0]["host"]]


def test_kind_opens_the_node_port() -> None:
    (cluster,) = read(K8S / "kind.yaml").objects
    opened = {mapping["containerPort"]: mapping["hostPort"] for mapping in cluster["nodes"][0]["extraPortMappings"]}
    assert opened[30080] == 30080


def ingress_paths() -> set[str]:
    (ingress,) = INGRESS.of("Ingress")
    return {path["path"] for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]}
