"""Rows of the model dashboard: accuracy and confusions, from feedback."""

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig

from dashboards.board import Row
from dashboards.colors import below, colored_by
from dashboards.limits import LIMITS
from dashboards.panels.graphs import graph
from dashboards.panels.tables import coloured, listing, sorted_by
from dashboards.promql import FLEET, over_time, rows


def feedback() -> Row:
    panels = [
        _confusion(),
        graph(
            "Accuracy, by feedback", "Share of a day's predictions with feedback that were correct.", "percentunit",
            over_time("job:cifar10_feedback_accuracy:ratio_increase1d{service}", FLEET),
            limits=below(LIMITS["Cifar10LiveAccuracyLow"]), alerts=["Cifar10LiveAccuracyLow"], absent="no feedback",
        ).max(1),
        graph(
            "Reports", "Predictions with feedback, over one day.", "short",
            over_time("job:cifar10_feedback:increase1d{service}", FLEET), absent="no feedback",
        ),
    ]  # fmt: skip
    return Row("Feedback", panels, height=11, widths=[14, 5, 5])


def _confusion() -> table.Panel:
    """Shares of each row, because classes are not reported equally often."""
    pairs = "job_pair:cifar10_feedback:increase1d{service}"
    matrix = {"rowField": "label", "columnField": "predicted_class", "valueField": "Value", "emptyValue": "zero"}
    corner = "label\\predicted_class"
    names = {"excludeByName": {}, "indexByName": {}, "renameByName": {corner: "true class"}}
    return (
        listing(
            "Confusion",
            "Rows are the true classes reported in the last day, columns the predicted classes. Each cell is a "
            "share of its row; the diagonal is correct.",
            rows(
                f"sum by (label, predicted_class) ({pairs}) "
                f"/ on (label) group_left () (sum by (label) ({pairs}) > 0)"
            ),
            columns={"label": "label", "predicted_class": "predicted_class", "Value": "Value"},
            alerts=["Cifar10LiveAccuracyLow"], absent="no feedback",
        )
        .unit("percentunit")
        .decimals(0)
        .min(0)
        .max(1)
        .color_scheme(colored_by("continuous-blues"))
        .cell_options(coloured())
        .with_transformation(sorted_by("predicted_class"))  # columns keep the order of the rows
        .with_transformation(DataTransformerConfig("groupingToMatrix", options=matrix))
        .with_transformation(sorted_by(corner))
        .with_transformation(DataTransformerConfig("organize", options=names))
    )  # fmt: skip
