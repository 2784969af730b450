"""Each fault is the only difference between its overlay and the healthy workload.

kustomize says nothing when a patch's path leads nowhere.
"""

from collections.abc import Callable

import pytest
import yaml

from k8s.drill.catalogue import FAULTS, Drill, drills
from tests.k8s.faults.difference import GONE, difference
from tests.k8s.manifests import K8S, Manifests, Object, quantity, schema_errors
from tests.k8s.test_builds import CUSTOM

Built = Callable[[str], Manifests]

pytestmark = pytest.mark.timeout(600)  # whichever test comes first waits for all builds

every_drill = pytest.mark.parametrize("drill", drills(), ids=lambda drill: drill.name)


def broken(built: Built, drill: Drill) -> Manifests:
    return built(f"faults/{drill.name}")


@every_drill
def test_an_overlay_differs_only_in_its_fault(built: Built, drill: Drill) -> None:
    assert difference(built("overlays/local"), broken(built, drill)) == drill.injected


def test_an_overlay_without_its_fault_is_noticed(built: Built) -> None:
    healthy = built("overlays/local")
    assert difference(healthy, healthy) == {}


def test_other_changes_of_a_fault_are_noticed(built: Built) -> None:
    healthy = built("overlays/local")
    more = yaml.safe_load(yaml.safe_dump(list(healthy.objects)))
    for each in more:
        if each["kind"] == "Deployment":
            del each["spec"]["template"]["spec"]["volumes"]
            each["spec"]["replicas"] = 2
    assert difference(healthy, Manifests(more[1:])) == {
        "Deployment/cifar10-deployment": {"/spec/replicas": 2, "/spec/template/spec/volumes": GONE},
        f"{more[0]['kind']}/{more[0]['metadata']['name']}": GONE,
    }


def test_kubernetes_accepts_every_fault(built: Built) -> None:
    """The API server accepts the faults; they appear only at run time."""
    healthy = list(built("overlays/local").objects)
    faulty = [each for drill in drills() for each in broken(built, drill).objects if each not in healthy]
    own = [each for each in faulty if each["kind"] not in CUSTOM]
    assert len(own) >= len(drills()) - 1  # but for the ServiceMonitor
    assert schema_errors(own, "1.36") == []


@every_drill
def test_a_request_is_never_above_its_limit(built: Built, drill: Drill) -> None:
    """The API server rejects this, but the schemas do not."""
    resources = broken(built, drill).container["resources"]
    for name, limit in resources["limits"].items():
        assert quantity(resources["requests"].get(name, "0")) <= quantity(limit)


def test_the_network_policy_differs_from_the_component_in_the_namespace_of_prometheus(built: Built) -> None:
    ours = added(broken(built, drill_named("network-policy-blocks-scrapes")), "NetworkPolicy")
    (component,) = built("network-policy").of("NetworkPolicy")
    (changes,) = difference(Manifests([component]), Manifests([ours])).values()
    where = "/spec/ingress/1/from/0/namespaceSelector/matchLabels/kubernetes.io/metadata.name"
    assert changes == {where: "observability"}


def test_the_service_monitor_differs_from_the_component_in_its_selector(built: Built) -> None:
    ours = added(broken(built, drill_named("service-monitor-selects-nothing")), "ServiceMonitor")
    (component,) = yaml.safe_load_all((K8S / "components/monitoring/service-monitor.yaml").read_text())
    (changes,) = difference(Manifests([component]), Manifests([ours])).values()
    assert changes == {"/spec/selector/matchLabels/app.kubernetes.io/component": "operations"}


def test_no_service_selects_the_pods_of_the_load(built: Built) -> None:
    manifests = broken(built, drill_named("oom-under-load"))
    job = added(manifests, "Job")
    for service in manifests.of("Service"):
        assert not service["spec"]["selector"].items() <= job["spec"]["template"]["metadata"]["labels"].items()


def test_a_fault_adds_only_objects_with_our_labels(built: Built) -> None:
    """The runner deletes added objects, except a Namespace, from which it removes the label."""
    kinds = {name.split("/")[0] for drill in drills() for name in drill.added}
    assert kinds == {"Job", "Namespace", "NetworkPolicy", "ResourceQuota", "ServiceMonitor"}
    files = [path for path in FAULTS.glob("*/*.yaml") if path.name not in ("kustomization.yaml", "expect.yaml")]
    assert sorted(path.parent.name for path in files) == sorted(
        drill.name for drill in drills() if drill.added and drill.name != "network-policy-blocks-scrapes"
    )


def drill_named(name: str) -> Drill:
    (found,) = [drill for drill in drills() if drill.name == name]
    return found


def added(manifests: Manifests, kind: str) -> Object:
    (found,) = manifests.of(kind)
    return found
