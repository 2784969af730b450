"""Tables, configuration and log lines in the documents, held to the rules, the Deployment and the log format."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.json_encoding import encode
from tests.k8s.manifests import K8S, read
from tests.monitoring.configuration import MONITORING, rules

ROOT = MONITORING.parent
README = (MONITORING / "README.md").read_text()
LINES = README.splitlines()
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)]
BASE = read(K8S / "base" / "cifar10-deployment.yaml")
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("monitoring/**/*.md"), *ROOT.glob("k8s/**/*.md")]
)

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def alert_rows() -> Iterator[str]:
    for rule in rules():
        if name := rule.get("alert"):
            severity, summary = rule["labels"]["severity"], rule["annotations"]["summary"]
            yield f"| [{name}](runbooks/{name}.md) | {severity} | {summary} | {rule.get('for', 'at once')} |"


def objectives() -> dict[str, str]:
    """As a percentage, by name: ``{"latency": "99"}``."""
    found = [rule for rule in rules() if rule.get("record") == "job:cifar10_slo_objective:ratio"]
    return {rule["labels"]["slo"]: f"{100 * float(rule['expr'].split()[-1]):g}" for rule in found}


def test_the_table_of_alerts_is_the_rules() -> None:
    assert sorted(line for line in LINES if line.startswith("| [")) == sorted(alert_rows())


@pytest.mark.parametrize("name", objectives())
def test_an_objective_is_the_rules(name: str) -> None:
    assert any(line.startswith(f"| {name} | {objectives()[name]} % of ") for line in LINES)


def test_slow_is_what_the_rules_call_slow() -> None:
    (expr,) = [
        rule["expr"] for rule in rules() if rule.get("labels") == {"slo": "latency"} and "_bucket" in rule["expr"]
    ]
    assert 'le="0.25"' in expr
    assert any("at most 0.25 s" in line for line in LINES)


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


@every_page
def test_a_line_that_is_shown_whole_is_one_that_is_written(page: Path) -> None:
    for line in re.findall(r'^\{"time".*\}$', page.read_text(), re.MULTILINE):
        if "…" not in line:
            assert encode(json.loads(line)).decode() == line


@every_page
def test_what_is_searched_for_in_the_log_stands_there_so(page: Path) -> None:
    text = page.read_text()
    assert re.findall(r'^\{"time": .*', text, re.MULTILINE) == []
    for field in re.findall(r"grep (?:-c )?'(\"[^']*\")'", text):
        assert encode(json.loads(f"{{{field}}}")).decode() == f"{{{field}}}"
