"""The tables and figures of the README, held to the code and to the model card."""

from dataclasses import fields
from pathlib import Path

import pytest
from prometheus_client import Metric

from model.artifact import DEFAULT_DIRECTORY, Artifact
from service.app import create_app
from service.errors import ERRORS
from service.settings import Settings, variable
from service.telemetry.floods import BURST, RATE
from service.telemetry.metrics.catalogue import Metrics
from service.telemetry.metrics.http import METHODS, OTHER_METHOD
from service.telemetry.metrics.lifecycle import MODEL_INFO_LABELS
from service.telemetry.metrics.statuses import STATUSES
from service.telemetry.sink import CAPACITY
from service.telemetry.stages import STAGES
from service.uploads import LONGEST_FILENAME
from tests.service.telemetry.metrics.test_catalogue import MOST_SERIES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
STATUS_HEADER = "| `http_request_method` | `http_route` | `http_response_status_code` |"


def error_rows() -> list[str]:
    in_order = sorted(ERRORS, key=lambda error: error.status)
    return [f"| {error.status} | `{error.code}` | {error.hint} |" for error in in_order]


def setting_rows() -> list[str]:
    def shown(default: object) -> str:
        if default == str(DEFAULT_DIRECTORY):
            default = DEFAULT_DIRECTORY.relative_to(ROOT).as_posix()
        if isinstance(default, bool):
            default = str(default).lower()
        return f"`{default}`" if default != "" else "empty"

    return [f"| `{variable(f.name)}` | {shown(f.default)} | {f.metadata['help']} |" for f in fields(Settings)]


def metric_rows() -> list[str]:
    metrics: Metrics = create_app(Settings(), None).extensions["predictor"].metrics
    # What the kernel does not tell here is described all the same.
    found = {family.name: family for family in [*metrics.registry.collect(), *metrics.runtime.describe()]}
    families = [family for name, family in found.items() if not name.startswith(("process_", "python_"))]
    return [
        f"| `{family.name}{'_total' if family.type == 'counter' else ''}` | {family.type} "
        f"| {', '.join(_labels(family))} | {family.documentation} |"
        for family in families
    ]


def _labels(family: Metric) -> list[str]:
    if family.name == "cifar10_model_info":  # has its one child once the model is loaded
        return [f"`{name}`" for name in MODEL_INFO_LABELS]
    return sorted({f"`{name}`" for sample in family.samples for name in sample.labels} - {"`le`"})


def route_rows() -> list[str]:
    app = create_app(Settings(), None)
    methods = {
        rule.rule: method for rule in app.url_map.iter_rules() for method in METHODS if method in (rule.methods or ())
    }
    return [
        f"| `{methods.get(route, OTHER_METHOD)}` | `{route}` | {', '.join(f'`{status}`' for status in statuses)} |"
        for route, statuses in STATUSES.items()
    ]


def card_rows() -> list[str]:
    card = Artifact.open().card.raw
    test, training, cores = card["evaluation"], card["training"], card["evaluation"]["machine"]["cores"]
    minutes = training["seconds"] / 60
    interval = "95 % interval {:.1%} to {:.1%}".format(*test["interval95"])
    classes = sorted(test["per_class"].items(), key=lambda item: item[1])
    (noise,) = [each for each in test["corruptions"] if each["kind"] == "gaussian noise" and each["strength"] == 8]
    size = sum(file["bytes"] for file in card["files"].values()) / 1e6
    return [
        f"| right on the {test['images']:,} test images | {test['accuracy']:.2%} ({interval}) |",
        f"| best and worst class | {classes[-1][0]} {classes[-1][1]:.1%}, {classes[0][0]} {classes[0][1]:.1%} |",
        f"| calibration error, 15 bins | {test['calibration_error']:.2%} |",
        f"| right under Gaussian noise of sigma 8 (of 255) | {noise['accuracy']:.1%} |",
        f"| parameters; multiply-accumulates an image; size | {card['parameters'] / 1e6:.2f} million; "
        f"{card['multiply_accumulates'] / 1e6:.0f} million; {size:.1f} MB |",
        f"| trained | {training['epochs']} epochs in {minutes:.0f} minutes on {cores} cores |",
    ]


@pytest.mark.parametrize("row", error_rows())
def test_every_error_stands_in_the_table(row: str) -> None:
    assert row in README.splitlines()


@pytest.mark.parametrize("row", setting_rows())
def test_every_setting_stands_in_the_table(row: str) -> None:
    assert row in README.splitlines()


@pytest.mark.parametrize("row", metric_rows())
def test_every_metric_stands_in_the_table(row: str) -> None:
    assert row in README.splitlines()


@pytest.mark.parametrize("row", route_rows())
def test_every_route_stands_in_the_table_with_its_statuses(row: str) -> None:
    assert row in README.splitlines()


def test_the_most_series_are_as_many_as_the_budget() -> None:
    assert f"A pod has {MOST_SERIES} series at most." in README


@pytest.mark.parametrize("row", card_rows())
def test_every_figure_of_the_model_is_the_cards(row: str) -> None:
    assert row in README.splitlines()


def test_what_int8_costs_is_the_cards() -> None:
    figures = Artifact.open().card.raw["evaluation"]["other_engines"]["onnxruntime int8"]
    words = " ".join(README.split())
    assert f"that one gets {figures['accuracy']:.2%} right" in words
    assert f"answers {figures['agreement_with_float32']:.2%} of them" in words


def test_as_many_alerts_and_dashboards_are_promised_as_there_are() -> None:
    runbooks = list((ROOT / "monitoring/runbooks").glob("*.md"))
    dashboards = list((ROOT / "dashboards").glob("*.json"))
    assert f"{len(runbooks)} alerts with a runbook each" in README
    assert len(dashboards) == 6
    assert "six Grafana dashboards" in README


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_explained(stage: str) -> None:
    assert any(line.startswith(f"| `{stage}` | ") for line in README.splitlines())


@pytest.mark.parametrize(
    "sentence",
    [
        f"cut to {RATE:.0f} lines a second after the first {BURST};",
        f"up to {CAPACITY} lines wait",
        f"of which {LONGEST_FILENAME} characters are kept",
    ],
)
def test_every_number_in_a_sentence_is_the_codes(sentence: str) -> None:
    assert sentence in " ".join(README.split())


def test_no_table_names_what_the_code_does_not_have() -> None:
    known = {*error_rows(), *setting_rows(), *metric_rows(), *route_rows(), STATUS_HEADER}
    of_tables = ("| `PREDICTOR_", "| `cifar10_", "| `http_", "| 4", "| 5", "| `POST` |", "| `GET` |")
    rows = [line for line in README.splitlines() if line.startswith(of_tables)]
    assert set(rows) <= known
