"""Rows of the model dashboard: drift of images and predictions from validation."""

from dashboards.board import Row
from dashboards.colors import above
from dashboards.limits import LIMITS, PSI_LOOK
from dashboards.panels.graphs import graph
from dashboards.panels.tables import bars
from dashboards.panels.values import gauges
from dashboards.promql import FLEET, now, over_time, rows

PSI = above(LIMITS["Cifar10FeatureDrift"], PSI_LOOK)


def drift() -> Row:
    psi = "job_feature:cifar10_feature_drift:psi1h{service}"
    panels = [
        gauges(
            "Drift by feature, now", "PSI of the last hour against validation.", "short",
            now(f"max by (feature) ({psi})", "{{feature}}"), PSI, alerts=["Cifar10FeatureDrift"],
        ).max(1),
        graph(
            "Drift by feature",
            "PSI over one hour against validation: brightness, contrast, saturation and sharpness of the images; "
            "confidence, energy and entropy of the predictions. With few images it is high by chance.", "short",
            over_time(f"max by (feature) ({psi})", "{{feature}}"), limits=PSI, alerts=["Cifar10FeatureDrift"],
            absent="no traffic",
        ),
        graph(
            "Drift of the classes", "PSI of the predicted classes over one hour against validation.", "short",
            over_time("job:cifar10_prediction_drift:psi1h{service}", FLEET),
            limits=above(LIMITS["Cifar10PredictionDrift"], PSI_LOOK), alerts=["Cifar10PredictionDrift"],
            absent="no traffic",
        ),
        bars(
            "Distribution of $feature",
            "Share of the last hour's images in each of five bins, from the lowest to the highest values of the "
            "selected feature. Of the validation images, the bins hold 5, 20, 50, 20 and 5 %.",
            "percentunit",
            rows('avg by (bin) (job_feature_bin:cifar10_feature_bin:ratio_increase1h{service,feature="$feature"})'),
            rows('max by (bin) (cifar10_feature_bin_reference_ratio{service,feature="$feature"})'),
            by="bin", columns={"Value #A": "last hour", "Value #B": "validation"}, alerts=["Cifar10FeatureDrift"],
        ),
    ]  # fmt: skip
    return Row("Drift", panels)
