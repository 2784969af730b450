"""Is the model well? What it answers, how sure it is, whether it sees what it knows, and how often it is right."""

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
"""As the alerts have it: among fewer images a few odd ones look like drift."""

WATCHING = "Cifar10(ModelVersionSkew|GoldenImagesFailing|LowConfidence|PredictionDrift|FeatureDrift|LiveAccuracyLow)"

BAD_IMAGES = "unsupported_format|undecodable_image|too_many_pixels|body_too_large|no_image|bad_request|too_many_parts"


def built() -> dashboard.Dashboard:
    return board(
        "cifar10-model", "CIFAR-10 / Model",
        "What the model answers, how sure it is, drift, and how often it is right according to feedback.",
        [_glance(), _answers(), _certainty(), drift(), feedback(), _input(), _models(), alerts(WATCHING)],
        variables=[*variables.of_fleet(), variables.feature()], marks=[RELEASE, MODEL, ALERTS],
        since="now-6h", refresh="1m",
    )  # fmt: skip


def _glance() -> Row:
    panels = [
        firing(),
        _version(),
        stat_of(
            "Models side by side", "More than one is normal during a rollout, and only then.", "none",
            now("count(count by (model_name, model_version, weights_digest) (cifar10_model_info{service}))", "models"),
            above(2), absent="none loaded", alerts=["Cifar10ModelVersionSkew"],
        ),
        stat_of(
            "Golden images", "Whether every replica gives the answers that were recorded for the model.", "none",
            now('min(cifar10_readiness_check{service,check="golden_images"})', "golden images"),
            below(1), words={0: ("failing", BAD), 1: ("right", GOOD)}, absent="no replica",
            alerts=["Cifar10GoldenImagesFailing"],
        ),
        stat_of(
            "Class drift",
            "PSI of the predicted classes of the last hour against validation: up to 0.1 is chance, 0.25 "
            "another population. Not judged below 500 images.", "short",
            now(f"max(job:cifar10_prediction_drift:psi1h{{service}} {ENOUGH})", "PSI"),
            above(LIMITS["Cifar10PredictionDrift"], PSI_LOOK), absent="too few images",
            alerts=["Cifar10PredictionDrift"],
        ),
        stat_of(
            "Feature drift",
            "PSI of the feature that moved most in the last hour. Not judged below 500 images.", "short",
            now(f"max(job_feature:cifar10_feature_drift:psi1h{{service}} {ENOUGH})", "PSI"),
            above(LIMITS["Cifar10FeatureDrift"], PSI_LOOK), absent="too few images", alerts=["Cifar10FeatureDrift"],
        ),
        stat_of(
            "Guesses", "Share of the last hour's predictions below 50 %. Not judged below 500 images.", "percentunit",
            now(f"max(job:cifar10_low_confidence:ratio_increase1h{{service}} {ENOUGH})", "guesses"),
            above(LIMITS["Cifar10LowConfidence"]), absent="too few images", alerts=["Cifar10LowConfidence"],
        ),
        stat_of(
            "Right, by feedback", "Of the last day's predictions whose true class was reported. Not judged below 100.",
            "percentunit",
            now(
                "min(job:cifar10_feedback_accuracy:ratio_increase1d{service} "
                "and on (namespace, job) job:cifar10_feedback:increase1d{service} >= 100)",
                "right",
            ),
            below(LIMITS["Cifar10LiveAccuracyLow"]), absent="too few reports", alerts=["Cifar10LiveAccuracyLow"],
        ),
    ]  # fmt: skip
    return Row("At a glance", panels, height=4)


def _version() -> stat.Panel:
    return stat_of(
        "Model", "Version of the model in service.", "none",
        now("count by (model_version) (cifar10_model_info{service})", "{{model_version}}"),
        whatever(), absent="none loaded",
    ).text_mode(BigValueTextMode.NAME)  # fmt: skip


def _answers() -> Row:
    share = "job_class:cifar10_predictions:ratio_increase1h{service}"
    panels = [
        bars(
            "Classes against validation",
            "Share of each class among the last hour's predictions, and among those for the "
            "validation images.", "percentunit",
            rows(f"avg by (predicted_class) ({share})"),
            rows("max by (predicted_class) (cifar10_reference_class_ratio{service})"),
            by="predicted_class", columns={"Value #A": "last hour", "Value #B": "validation"},
            alerts=["Cifar10PredictionDrift"],
        ),
        stacked(
            "Classes over time", "Share of each class among the predictions of an hour.", "percentunit",
            over_time(f"avg by (predicted_class) ({share})", "{{predicted_class}}"), absent="no traffic",
        ).max(1).legend(aside("lastNotNull")),
        stacked(
            "Images by class", "Images classified a second.", "imgs/s",
            over_time(
                "sum by (predicted_class) (rate(cifar10_predictions_total{service}[$__rate_interval]))",
                "{{predicted_class}}"
            ),
        ).legend(aside("mean")),
    ]  # fmt: skip
    return Row("Answers", panels, height=9)


def _certainty() -> Row:
    panels = [
        heat("Confidence", "Probability of the predicted class. A good model is mostly sure.", "percentunit",
             buckets("cifar10_prediction_confidence_ratio{service}")),
        heat("Negative energy", "Log-sum-exp of the logits: lower is less like the training images.", "short",
             buckets("cifar10_prediction_negative_energy{service}")),
        graph(
            "Guesses", "Share of an hour's predictions below 50 %.", "percentunit",
            over_time("job:cifar10_low_confidence:ratio_increase1h{service}", FLEET),
            limits=above(LIMITS["Cifar10LowConfidence"]), alerts=["Cifar10LowConfidence"], absent="no traffic",
        ),
        graph(
            "Entropy", "Of the ten probabilities: 0 is certain, 2.3 knows nothing.", "short",
            over_time(quantile(0.5, "cifar10_prediction_entropy_nats{service}"), "p50"),
            over_time(quantile(0.95, "cifar10_prediction_entropy_nats{service}"), "p95"),
            absent="no traffic", colors=QUANTILES,
        ),
    ]  # fmt: skip
    return Row("How sure it is", panels)


def _input() -> Row:
    panels = [
        graph(
            "Refused images", "Requests a second whose image could not be classified, by code.", "reqps",
            over_time(
                f'sum by (code) '
                f'(rate(cifar10_requests_refused_total{{service,code=~"{BAD_IMAGES}"}}[$__rate_interval])) > 0',
                "{{code}}",
            ),
            absent="nothing refused", alerts=["Cifar10RefusalsHigh"],
        ),
        heat("Image size", "Width times height of the images as they were sent; the network sees 32x32.", "short",
             buckets("cifar10_input_image_pixels{service}")),
        graph(
            "Body size", "Of the requests.", "bytes",
            over_time(quantile(0.5, "http_server_request_body_size_bytes{service}"), "p50"),
            over_time(quantile(0.95, "http_server_request_body_size_bytes{service}"), "p95"),
            absent="no traffic", colors=QUANTILES,
        ),
    ]  # fmt: skip
    return Row("What is sent", panels)


def _models() -> Row:
    labels = ("model_name", "model_version", "weights_digest", "engine", "precision")
    panels = [
        listing(
            "Models in service", "Replicas by the model they hold.",
            rows(f"count by ({', '.join(labels)}) (cifar10_model_info{{service}})"),
            columns={label: label for label in labels} | {"Value": "replicas"}, alerts=["Cifar10ModelVersionSkew"],
        ),
        timeline(
            "Golden images",
            "Whether each replica gives the answers recorded for its model; they are tried once, at start.",
            over_time('min by (pod, instance) (cifar10_readiness_check{service,check="golden_images"})', EACH),
            {0: ("not passed", BAD), 1: ("right", GOOD)}, alerts=["Cifar10GoldenImagesFailing"],
        ),
        graph(
            "Loading", "From reading the artifact to an engine that can compute.", "s",
            over_time("max by (pod, instance) (cifar10_model_load_duration_seconds{service})", EACH),
        ),
    ]  # fmt: skip
    return Row("Models", panels, widths=[12, 6, 6])
