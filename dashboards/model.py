"""The model dashboard: predicted classes, confidence, drift, feedback and rejected images."""

from grafana_foundation_sdk.builders import stat
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.common import BigValueTextMode

from dashboards import variables
from dashboards.alerts import alerts, firing
from dashboards.annotations import ALERTS, MODEL, RELEASE
from dashboards.board import Row, board
from dashboards.colors import BAD, GOOD, QUANTILES, above, below, whatever
from dashboards.drift import drift
from dashboards.feedback import feedback
from dashboards.limits import LIMITS, PSI_LOOK
from dashboards.panels.graphs import aside, graph, heat, stacked, timeline
from dashboards.panels.tables import bars, listing
from dashboards.panels.values import stat_of
from dashboards.promql import EACH, FLEET, buckets, now, over_time, quantile, rows

ENOUGH = "and on (namespace, job) job:cifar10_predictions:increase1h{service} >= 500"
"""The minimum of the alerts; with fewer images, chance looks like drift."""

WATCHING = "Cifar10(ModelVersionSkew|GoldenImagesFailing|LowConfidence|PredictionDrift|FeatureDrift|LiveAccuracyLow)"

BAD_IMAGES = "unsupported_format|undecodable_image|too_many_pixels|body_too_large|no_image|bad_request|too_many_parts"


def built() -> dashboard.Dashboard:
    return board(
        "cifar10-model", "CIFAR-10 / Model",
        "Predicted classes, confidence, drift, and accuracy according to feedback.",
        [_glance(), _answers(), _certainty(), drift(), feedback(), _input(), _models(), alerts(WATCHING)],
        variables=[*variables.of_fleet(), variables.feature()], marks=[RELEASE, MODEL, ALERTS],
        since="now-6h", refresh="1m",
    )  # fmt: skip


def _glance() -> Row:
    panels = [
        firing(),
        _version(),
        stat_of(
            "Models in service", "More than one is normal only during a rollout.", "none",
            now("count(count by (model_name, model_version, weights_digest) (cifar10_model_info{service}))", "models"),
            above(2), absent="none loaded", alerts=["Cifar10ModelVersionSkew"],
        ),
        stat_of(
            "Golden images", "Whether every replica reproduces the predictions recorded with the model.", "none",
            now('min(cifar10_readiness_check{service,check="golden_images"})', "golden images"),
            below(1), words={0: ("failing", BAD), 1: ("passed", GOOD)}, absent="no replica",
            alerts=["Cifar10GoldenImagesFailing"],
        ),
        stat_of(
            "Class drift",
            "PSI of the predicted classes of the last hour against validation. Below 0.1 is normal, above 0.25 is "
            "drift. Needs 500 images.", "short",
            now(f"max(job:cifar10_prediction_drift:psi1h{{service}} {ENOUGH})", "PSI"),
            above(LIMITS["Cifar10PredictionDrift"], PSI_LOOK), absent="too few images",
            alerts=["Cifar10PredictionDrift"],
        ),
        stat_of(
            "Feature drift",
            "Highest PSI of any feature in the last hour. Needs 500 images.", "short",
            now(f"max(job_feature:cifar10_feature_drift:psi1h{{service}} {ENOUGH})", "PSI"),
            above(LIMITS["Cifar10FeatureDrift"], PSI_LOOK), absent="too few images", alerts=["Cifar10FeatureDrift"],
        ),
        stat_of(
            "Low confidence", "Share of the last hour's predictions with a confidence below 50 %. Needs 500 images.",
            "percentunit",
            now(f"max(job:cifar10_low_confidence:ratio_increase1h{{service}} {ENOUGH})", "low confidence"),
            above(LIMITS["Cifar10LowConfidence"]), absent="too few images", alerts=["Cifar10LowConfidence"],
        ),
        stat_of(
            "Accuracy, by feedback",
            "Share of the last day's predictions with feedback that were correct. Needs 100 reports.",
            "percentunit",
            now(
                "min(job:cifar10_feedback_accuracy:ratio_increase1d{service} "
                "and on (namespace, job) job:cifar10_feedback:increase1d{service} >= 100)",
                "correct",
            ),
            below(LIMITS["Cifar10LiveAccuracyLow"]), absent="too few reports", alerts=["Cifar10LiveAccuracyLow"],
        ),
    ]  # fmt: skip
    return Row("At a glance", panels, height=4)


def _version() -> stat.Panel:
    return stat_of(
        "Model", "Version of the loaded model.", "none",
        now("count by (model_version) (cifar10_model_info{service})", "{{model_version}}"),
        whatever(), absent="none loaded",
    ).text_mode(BigValueTextMode.NAME)  # fmt: skip


def _answers() -> Row:
    share = "job_class:cifar10_predictions:ratio_increase1h{service}"
    panels = [
        bars(
            "Classes against validation",
            "Share of each predicted class in the last hour and for the validation images.", "percentunit",
            rows(f"avg by (predicted_class) ({share})"),
            rows("max by (predicted_class) (cifar10_reference_class_ratio{service})"),
            by="predicted_class", columns={"Value #A": "last hour", "Value #B": "validation"},
            alerts=["Cifar10PredictionDrift"],
        ),
        stacked(
            "Classes over time", "Share of each predicted class, over one hour.", "percentunit",
            over_time(f"avg by (predicted_class) ({share})", "{{predicted_class}}"), absent="no traffic",
        ).max(1).legend(aside("lastNotNull")),
        stacked(
            "Images by class", "Images classified per second.", "imgs/s",
            over_time(
                "sum by (predicted_class) (rate(cifar10_predictions_total{service}[$__rate_interval]))",
                "{{predicted_class}}"
            ),
        ).legend(aside("mean")),
    ]  # fmt: skip
    return Row("Predictions", panels, height=9)


def _certainty() -> Row:
    panels = [
        heat("Confidence", "Probability of the predicted class.", "percentunit",
             buckets("cifar10_prediction_confidence_ratio{service}")),
        heat("Negative energy", "Log-sum-exp of the logits. Lower values are less like the training images.", "short",
             buckets("cifar10_prediction_negative_energy{service}")),
        graph(
            "Low confidence", "Share of predictions with a confidence below 50 %, over one hour.", "percentunit",
            over_time("job:cifar10_low_confidence:ratio_increase1h{service}", FLEET),
            limits=above(LIMITS["Cifar10LowConfidence"]), alerts=["Cifar10LowConfidence"], absent="no traffic",
        ),
        graph(
            "Entropy", "Entropy of the ten probabilities in nats: 0 is certain, 2.3 is uniform.", "short",
            over_time(quantile(0.5, "cifar10_prediction_entropy_nats{service}"), "p50"),
            over_time(quantile(0.95, "cifar10_prediction_entropy_nats{service}"), "p95"),
            absent="no traffic", colors=QUANTILES,
        ),
    ]  # fmt: skip
    return Row("Confidence", panels)


def _input() -> Row:
    panels = [
        graph(
            "Rejected images", "Requests per second whose image could not be classified, by error code.", "reqps",
            over_time(
                f'sum by (code) '
                f'(rate(cifar10_requests_refused_total{{service,code=~"{BAD_IMAGES}"}}[$__rate_interval])) > 0',
                "{{code}}",
            ),
            absent="none rejected", alerts=["Cifar10RefusalsHigh"],
        ),
        heat("Image size", "Width times height of the images as sent; the network sees 32x32.", "short",
             buckets("cifar10_input_image_pixels{service}")),
        graph(
            "Body size", "Size of the request bodies.", "bytes",
            over_time(quantile(0.5, "http_server_request_body_size_bytes{service}"), "p50"),
            over_time(quantile(0.95, "http_server_request_body_size_bytes{service}"), "p95"),
            absent="no traffic", colors=QUANTILES,
        ),
    ]  # fmt: skip
    return Row("Input", panels)


def _models() -> Row:
    labels = ("model_name", "model_version", "weights_digest", "engine", "precision")
    panels = [
        listing(
            "Loaded models", "Replicas by loaded model.",
            rows(f"count by ({', '.join(labels)}) (cifar10_model_info{{service}})"),
            columns={label: label for label in labels} | {"Value": "replicas"}, alerts=["Cifar10ModelVersionSkew"],
        ),
        timeline(
            "Golden images",
            "Whether each replica reproduces the recorded predictions; checked once, at startup.",
            over_time('min by (pod, instance) (cifar10_readiness_check{service,check="golden_images"})', EACH),
            {0: ("failed", BAD), 1: ("passed", GOOD)}, alerts=["Cifar10GoldenImagesFailing"],
        ),
        graph(
            "Load time", "Time to read the artifact and create the engine.", "s",
            over_time("max by (pod, instance) (cifar10_model_load_duration_seconds{service})", EACH),
        ),
    ]  # fmt: skip
    return Row("Models", panels, widths=[12, 6, 6])
