"""From where on a value is bad. A test holds each number to the expression of its alert in ``monitoring/rules``."""

from collections.abc import Mapping

LIMITS: Mapping[str, float] = {
    "Cifar10QueueSaturated": 0.8,
    "Cifar10Shedding": 0.01,
    "Cifar10DeadlinesMissed": 0.01,
    "Cifar10RefusalsHigh": 0.1,
    "Cifar10LowConfidence": 0.1,
    "Cifar10PredictionDrift": 0.25,
    "Cifar10FeatureDrift": 0.25,
    "Cifar10LiveAccuracyLow": 0.8,
    "Cifar10Restarting": 3,
    "Cifar10MemoryNearLimit": 0.9,
    "Cifar10CPUThrottled": 0.25,
    "Cifar10ScrapeGap": 0.9,
    "Cifar10SpansDropped": 0.01,
    "Cifar10SpanExportFailing": 0.1,
    "Cifar10SeriesNearLimit": 1500,
}

OBJECTIVES: Mapping[str, float] = {"availability": 0.995, "latency": 0.99}

BURN_RATES: Mapping[str, float] = {"1h": 14.4, "6h": 6, "1d": 3, "3d": 1}
"""How many times faster than the objective allows errors may come, by the longer window of the alert."""

BUDGETS: Mapping[str, float] = {slo: round(1 - objective, 6) for slo, objective in OBJECTIVES.items()}
"""The share of requests that may break the objective."""

WAKING: Mapping[str, float] = {slo: round(BURN_RATES["1h"] * budget, 6) for slo, budget in BUDGETS.items()}
"""The share at which somebody is woken up, if it goes on."""

SLOW_SECONDS = 0.25
"""Slower answers break the latency objective."""

PSI_LOOK = 0.1
"""From here on, by common practice, a population is worth a look; no alert watches this."""
