"""The rows that the tables in docs/ must have, made from the code and the model card."""

from dataclasses import fields

from prometheus_client import CollectorRegistry, Metric

from model.artifact import DEFAULT_DIRECTORY, Artifact
from service.app import create_app
from service.errors import ERRORS
from service.settings import Settings, variable
from service.telemetry.metrics.http import METHODS, OTHER_METHOD, STATUSES
from service.telemetry.metrics.lifecycle import MODEL_INFO_LABELS
from service.telemetry.metrics.process import ProcessMetrics
from tests.docs.pages import ROOT

ENGINE_NAMES = {"torch": "PyTorch", "onnxruntime": "ONNX Runtime"}


def error_rows() -> list[str]:
    by_status = sorted(ERRORS, key=lambda error: error.status)
    return [f"| {error.status} | `{error.code}` | {error.hint} |" for error in by_status]


def setting_rows() -> list[str]:
    return [
        f"| `{variable(each.name)}` | {_default(each.default)} | {each.metadata['help']} |" for each in fields(Settings)
    ]


def _default(value: object) -> str:
    if value == str(DEFAULT_DIRECTORY):
        value = DEFAULT_DIRECTORY.relative_to(ROOT).as_posix()
    if isinstance(value, bool):
        value = str(value).lower()
    return "empty" if value == "" else f"`{value}`"


def families() -> list[Metric]:
    """All metrics of a worker, including those that this machine's kernel does not report."""
    reported = create_app(Settings(), None).extensions["predictor"].workers.own()
    described = ProcessMetrics(CollectorRegistry(), "").describe()
    return list({family.name: family for family in [*described, *reported]}.values())


def metric_rows() -> list[str]:
    return [
        f"| `{family.name}{'_total' if family.type == 'counter' else ''}` | {family.type} "
        f"| {', '.join(_labels(family))} | {family.documentation} |"
        for family in families()
        if not family.name.startswith(("process_", "python_"))  # those of the client library
    ]


def _labels(family: Metric) -> list[str]:
    if family.name == "cifar10_model_info":  # exists only after the model is loaded
        return [f"`{name}`" for name in MODEL_INFO_LABELS]
    return sorted({f"`{name}`" for sample in family.samples for name in sample.labels} - {"`le`"})


def series() -> int:
    """The number of series of a pod with one worker and a loaded model."""
    found = {(each.name, *sorted(each.labels.items())) for family in families() for each in family.samples}
    return len(found) + 1  # cifar10_model_info


def route_rows() -> list[str]:
    methods = {
        rule.rule: method
        for rule in create_app(Settings(), None).url_map.iter_rules()
        for method in METHODS
        if method in (rule.methods or ())
    }
    return [
        f"| `{methods.get(route, OTHER_METHOD)}` | `{route}` | {', '.join(f'`{status}`' for status in statuses)} |"
        for route, statuses in STATUSES.items()
    ]


def card_rows() -> list[str]:
    card = Artifact.open().card.raw
    test, training = card["evaluation"], card["training"]
    low, high = (f"{each:.1%}" for each in test["interval95"])
    classes = sorted(test["per_class"].items(), key=lambda item: item[1])
    (worst, least), (best, most) = classes[0], classes[-1]
    (noise,) = [each for each in test["corruptions"] if each["kind"] == "gaussian noise" and each["strength"] == 8]
    size = sum(file["bytes"] for file in card["files"].values()) / 1e6
    minutes, cores = training["seconds"] / 60, test["machine"]["cores"]
    return [
        f"| Accuracy on the {test['images']:,} test images | {test['accuracy']:.2%} (95 % interval {low} to {high}) |",
        f"| Best and worst class | {best} {most:.1%}, {worst} {least:.1%} |",
        f"| Expected calibration error, 15 bins | {test['calibration_error']:.2%} |",
        f"| Accuracy with Gaussian noise, sigma 8 of 255 | {noise['accuracy']:.1%} |",
        f"| Parameters | {card['parameters'] / 1e6:.2f} million |",
        f"| Multiply-accumulates per image | {card['multiply_accumulates'] / 1e6:.0f} million |",
        f"| Size of the files | {size:.1f} MB |",
        f"| Training | {training['epochs']} epochs in {minutes:.0f} minutes on {cores} cores |",
    ]


def engine_rows() -> list[str]:
    """Accuracy of every engine and precision in the model card."""
    test = Artifact.open().card.raw["evaluation"]
    measured = {
        "torch float32": {**test, "agreement_with_float32": 1.0},
        **{f"torch {precision}": figures for precision, figures in test["other_precisions"].items()},
        **test["other_engines"],
    }
    return [_engine_row(name, figures) for name, figures in measured.items()]


def _engine_row(name: str, figures: dict[str, float]) -> str:
    engine, precision = name.split()
    agreement = figures.get("agreement_with_float32")
    same = "not measured" if agreement is None else f"{agreement:.2%}"
    return f"| {ENGINE_NAMES[engine]} | {precision} | {figures['accuracy']:.2%} | {same} |"
