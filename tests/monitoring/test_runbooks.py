"""The runbooks: complete, about objects that are there, with queries that Prometheus understands."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from service.settings import Settings, variable
from tests.dashboards.selectors import metrics
from tests.monitoring.cluster_metrics import CLUSTER_METRICS
from tests.monitoring.configuration import MONITORING, rules
from tests.monitoring.exported import Exported, exported

PAGES = sorted(MONITORING.glob("runbooks/*.md"))
K8S = MONITORING.parent / "k8s"
HEADINGS = ["Meaning", "Impact", "Diagnosis", "Mitigation", "How to try it"]
OF_PROMETHEUS = {
    "ALERTS",
    "alertmanager_notifications_failed_total",
    "prometheus_notifications_dropped_total",
    "prometheus_notifications_sent_total",
    "scrape_duration_seconds",
}
OF_OTHERS = OF_PROMETHEUS.union(*CLUSTER_METRICS.values())
KINDS = {
    "deployment": "Deployment",
    "service": "Service",
    "hpa": "HorizontalPodAutoscaler",
    "pdb": "PodDisruptionBudget",
    "servicemonitor": "ServiceMonitor",
    "rolebinding": "RoleBinding",
}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


@pytest.fixture(scope="module")
def service() -> Exported:
    return exported()


def queries(page: Path) -> list[str]:
    return re.findall(r"^```promql\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


@every_page
def test_a_page_has_what_is_looked_for_at_night(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {page.stem}\n")
    assert re.findall(r"^## (.*)", text, re.MULTILINE) == HEADINGS
    assert len(text.splitlines()) < 100, "a page, not a book"


@every_page
def test_a_query_is_about_metrics_that_somebody_exports(page: Path, service: Exported) -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    for query in queries(page):
        assert metrics(query) <= service.keys() | recorded | OF_OTHERS


def test_prometheus_understands_every_query(require_tool: Callable[[str, str], str], tmp_path: Path) -> None:
    """As a recording of its own, since promtool reads rules."""
    asked = [query for page in PAGES for query in queries(page)]
    recordings = [{"record": f"query_{number}", "expr": query} for number, query in enumerate(asked)]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "runbooks", "rules": recordings}]}))
    command = [require_tool("promtool", "prometheus"), "check", "rules", str(tmp_path / "rules.yaml")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@every_page
def test_an_object_that_is_named_is_there(page: Path) -> None:
    files = [path for path in K8S.rglob("*.yaml") if path.name != "kustomization.yaml"]
    objects = [each for path in files for each in yaml.safe_load_all(path.read_text()) if each and "kind" in each]
    there = {(each["kind"], each["metadata"]["name"]) for each in objects if "metadata" in each}
    for kind, name in re.findall(rf"\b({'|'.join(KINDS)})[/ ](cifar10[a-z0-9-]*)", page.read_text()):
        assert (KINDS[kind], name) in there


@every_page
def test_a_setting_that_is_named_is_there(page: Path) -> None:
    known = {*map(variable, Settings.names()), "PREDICTOR_NAME", "PREDICTOR_NO_SUCH"}  # a placeholder, and a mistake
    assert set(re.findall(r"PREDICTOR_[A-Z_]*[A-Z]", page.read_text())) <= known


@every_page
def test_a_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        assert (page.parent / link).exists()
