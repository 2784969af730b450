"""What the README tells those without the operator, held to the Deployment."""

import re
from typing import Any

import pytest
import yaml

from tests.k8s.manifests import K8S, read
from tests.monitoring.configuration import MONITORING

BLOCKS = [
    yaml.safe_load(block)
    for block in re.findall(r"^```yaml\n(.*?)^```", (MONITORING / "README.md").read_text(), re.MULTILINE | re.DOTALL)
]
BASE = read(K8S / "base" / "cifar10-deployment.yaml")


@pytest.fixture
def job() -> Any:
    (scrape,) = [block["scrape_configs"] for block in BLOCKS if "scrape_configs" in block]
    (job,) = scrape
    return job


def test_every_replica_is_found_by_its_name_and_port(job: Any) -> None:
    keep = job["relabel_configs"][0]
    assert keep["source_labels"] == [
        "__meta_kubernetes_pod_label_app_kubernetes_io_name",
        "__meta_kubernetes_pod_container_port_name",
    ]
    name, port = keep["regex"].split(";")
    assert BASE.pod_labels["app.kubernetes.io/name"] == name
    assert port in BASE.container_ports


def test_it_scrapes_as_the_service_monitor_does(job: Any) -> None:
    monitor = read(K8S / "components" / "monitoring" / "service-monitor.yaml").of("ServiceMonitor")[0]["spec"]
    assert job["job_name"] == "cifar10"
    assert job["scrape_interval"] == monitor["endpoints"][0]["interval"]
    assert job["scrape_timeout"] == monitor["endpoints"][0]["scrapeTimeout"]
    assert (job["sample_limit"], job["label_value_length_limit"]) == (
        monitor["sampleLimit"],
        monitor["labelValueLengthLimit"],
    )


def test_the_annotations_name_the_port_of_the_metrics() -> None:
    (template,) = [block["spec"]["template"] for block in BLOCKS if "spec" in block and "template" in block["spec"]]
    annotations = template["metadata"]["annotations"]
    assert int(annotations["prometheus.io/port"]) == BASE.container_ports["ops"]
    assert annotations["prometheus.io/path"] == "/metrics"
