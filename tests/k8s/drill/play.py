"""Controllers and kubelet of the fake cluster, which replay recordings.

The healthy overlay gets the healthy pod of a recording; a pod template with a fault brings that fault's recording
beside it. Recorded statuses, events and logs stay as they were, but for namespace and time; pods get the template,
owner and labels of ours.
"""

import copy
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from k8s.doctor.logs import Logs
from k8s.doctor.snapshot import Snapshot, latest, load
from k8s.drill.__main__ import main
from k8s.drill.doctor import ask
from k8s.drill.runner import Doctor
from tests.k8s.apiserver.server import FakeApiServer
from tests.k8s.apiserver.serving import serving, write_kubeconfig
from tests.k8s.faults.recorded import FOLDER

CONTEXT = "kind-kind"
NAME = "cifar10-deployment"
HEALTHY_IMAGE = "cifar-api-cpu:v1"
NAMESPACE = "default"
INGRESS_CLASS = {"metadata": {"name": "nginx"}, "spec": {"controller": "k8s.io/ingress-nginx"}}
REVISION = "deployment.kubernetes.io/revision"

Object = dict[str, Any]


def cluster(fault: str) -> Callable[[FakeApiServer], None]:
    """``play`` for a server whose first Deployment is healthy; any other template has the fault."""
    return _Controllers(_just_now(load(FOLDER / "healthy")), _just_now(load(FOLDER / fault)))


@dataclass
class _Controllers:
    healthy: Snapshot
    fault: Snapshot
    first: Object = field(default_factory=dict)
    """The first template."""

    def __call__(self, fake: FakeApiServer) -> None:
        deployment = fake.named("deployments", NAME)
        if deployment is None:
            return
        template = deployment["spec"]["template"]
        self.first = self.first or copy.deepcopy(template)
        well = template == self.first
        for resource in ("replicasets", "endpointslices"):
            fake.clear(resource)
        fake.put("ingressclasses", INGRESS_CLASS)
        fake.clear("pods", unless=lambda pod: pod["status"]["phase"] == "Failed")  # nobody removes those
        _show(fake, self.healthy, self.first, 1)
        if not well:
            _show(fake, self.fault, template, 2)
        (recorded,) = _of(self.healthy if well else self.fault, "Deployment")
        count = deployment["spec"]["replicas"]
        deployment["status"] = {
            **recorded["status"],
            "observedGeneration": deployment["metadata"]["generation"],
            "replicas": count if well else count + 1,
            "updatedReplicas": count if well else 1,
            "availableReplicas": count,
        }


def _show(fake: FakeApiServer, seen: Snapshot, template: Object, revision: int) -> None:
    """One revision: its ReplicaSet, pods, logs, endpoints and events."""
    (replica_set,) = _of(seen, "ReplicaSet")
    _own(replica_set, fake.objects["deployments", NAMESPACE, NAME])
    replica_set["metadata"]["annotations"] = {REVISION: str(revision)}
    replica_set["spec"]["template"] = template
    fake.put("replicasets", replica_set)
    for pod in _of(seen, "Pod"):
        _own(pod, replica_set)
        pod["metadata"]["labels"] = template["metadata"]["labels"]
        pod["spec"] |= template["spec"]
        fake.put("pods", pod)
        key = (pod["metadata"]["name"], template["spec"]["containers"][0]["name"])
        fake.logs = Logs({**fake.logs.known, key: seen.logs.loose})
        fake.previous = Logs({**fake.previous.known, key: seen.previous.loose})
    for each in _of(seen, "EndpointSlice"):
        fake.put("endpointslices", each)
        fake.put("endpointslices", _of_operations(each))
    for event in seen.events:
        fake.put("events", dict(event))


def _own(each: Object, owner: Object) -> None:
    about = {"kind": owner["kind"], "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}
    each["metadata"]["ownerReferences"] = [{**about, "controller": True}]


def _of_operations(each: Object) -> Object:
    """The recordings have one Service; ours has a second one for metrics and probes."""
    labels = {"kubernetes.io/service-name": "cifar10-ops"}
    about = {**each["metadata"], "name": f"{each['metadata']['name']}-ops", "labels": labels}
    return {**each, "metadata": about, "ports": [{"name": "ops", "port": 9000, "protocol": "TCP"}]}


def _of(seen: Snapshot, kind: str) -> list[Object]:
    return [copy.deepcopy(dict(each)) for each in seen.items if each["kind"] == kind]


def _just_now(seen: Snapshot) -> Snapshot:
    """The snapshot in our namespace, with current times."""
    later = datetime.now(UTC).replace(microsecond=0) - latest([*seen.items, *seen.events])

    def moved(items: Any) -> Any:
        text = re.sub(r'(?<="namespace": ")[^"]+', NAMESPACE, json.dumps(items))
        return json.loads(re.sub(r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"', lambda time: _after(time[0], later), text))

    return replace(seen, items=moved(list(seen.items)), events=moved(list(seen.events)))


def _after(time: str, later: timedelta) -> str:
    """A JSON time, shifted."""
    return (datetime.strptime(time, '"%Y-%m-%dT%H:%M:%S%z"') + later).strftime('"%Y-%m-%dT%H:%M:%SZ"')


@contextmanager
def played(config: Path, fault: str, *contexts: str) -> Iterator[FakeApiServer]:
    """A served fake cluster that replays the fault, with a kubeconfig for it; the first context is the current one."""
    with serving(FakeApiServer(cluster(fault))) as fake:
        write_kubeconfig(config, fake.port, *(contexts or (CONTEXT,)))
        yield fake


def drill(*arguments: str, doctor: Doctor = ask) -> int:
    """The exit code of a drill, with the real doctor unless another one is given."""
    return main([*arguments], ask=doctor, poll=0.02)


def image(fake: FakeApiServer) -> str:
    """The image of the workload."""
    deployment = fake.named("deployments", NAME)
    assert deployment is not None
    return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])


def sample(name: str) -> int:
    """Run a drill as docs/troubleshooting.md shows it: the real drill, doctor and kubectl with the fake cluster."""
    with tempfile.TemporaryDirectory() as folder, played(Path(folder) / "config", name):
        os.environ |= {"KUBECONFIG": f"{folder}/config", "KUBECACHEDIR": folder}
        return main([name])


if __name__ == "__main__":
    sys.exit(sample(sys.argv[1]))
