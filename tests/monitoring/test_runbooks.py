"""The runbooks have all sections, name existing objects, settings and files, and contain valid queries."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from model.artifact import Artifact
from model.drift import of_answers
from model.engines import ENGINES, load
from service.settings import Settings, variable
from service.telemetry.metrics.predictions import LOW_CONFIDENCE
from tests.monitoring.configuration import MONITORING, recorded
from tests.monitoring.metrics import OF_OTHERS, Exported, exported, metrics

PAGES = sorted(MONITORING.glob("runbooks/*.md"))
K8S = MONITORING.parent / "k8s"
HEADINGS = ["Meaning", "Impact", "Diagnosis", "Mitigation", "How to try it"]
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
def test_a_page_has_all_sections(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {page.stem}\n")
    assert re.findall(r"^## (.*)", text, re.MULTILINE) == HEADINGS
    assert len(text.splitlines()) < 100, "a page, not a book"


@every_page
def test_a_query_is_about_metrics_that_somebody_exports(page: Path, service: Exported) -> None:
    for query in queries(page):
        assert metrics(query) <= service.keys() | recorded().keys() | OF_OTHERS


def test_promtool_accepts_every_query(require_tool: Callable[[str, str], str], tmp_path: Path) -> None:
    """Each query as a recording rule, because promtool checks only rules."""
    asked = [query for page in PAGES for query in queries(page)]
    recordings = [{"record": f"query_{number}", "expr": query} for number, query in enumerate(asked)]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "runbooks", "rules": recordings}]}))
    command = [require_tool("promtool", "prometheus"), "check", "rules", str(tmp_path / "rules.yaml")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def objects() -> set[tuple[str, str]]:
    """Kinds and names of all objects in the manifests."""
    files = [path for path in K8S.rglob("*.yaml") if path.name != "kustomization.yaml"]
    found = [each for path in files for each in yaml.load_all(path.read_text(), yaml.CSafeLoader)]
    return {(each["kind"], each["metadata"]["name"]) for each in found if each and {"kind", "metadata"} <= each.keys()}


@every_page
def test_an_object_that_is_named_is_there(page: Path, objects: set[tuple[str, str]]) -> None:
    for kind, name in re.findall(rf"\b({'|'.join(KINDS)})[/ ](cifar10[a-z0-9-]*)", page.read_text()):
        assert (KINDS[kind], name) in objects


@every_page
def test_a_setting_that_is_named_is_there(page: Path) -> None:
    known = {*map(variable, Settings.names()), "PREDICTOR_NAME", "PREDICTOR_NO_SUCH"}  # a placeholder, and a mistake
    assert set(re.findall(r"PREDICTOR_[A-Z_]*[A-Z]", page.read_text())) <= known


@every_page
def test_a_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        assert (page.parent / link).exists()


@pytest.mark.torch
@pytest.mark.parametrize("engine", ENGINES)
def test_the_picture_of_the_low_confidence_runbook_has_the_confidence_that_it_names(engine: str) -> None:
    page = (MONITORING / "runbooks/Cifar10LowConfidence.md").read_text()
    [parts] = re.findall(r"\(32, 32\), \((\d+), (\d+), (\d+)\)\)", page)
    colour = [int(part) for part in parts]
    [percent] = re.findall(r"its likeliest class (\d+) %", page)
    picture = np.tile(np.array(colour, np.uint8), (1, 32, 32, 1))
    logits = load(engine, Artifact.open(), precision="float32", threads=1).predict(picture)
    [confidence] = of_answers(logits)["confidence"]
    assert confidence < LOW_CONFIDENCE
    assert confidence == pytest.approx(int(percent) / 100, abs=0.005)
