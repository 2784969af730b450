"""Thresholds. A test compares each with the expression of its alert in ``monitoring/rules``."""

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
"""Burn rates at which alerts fire, by long window."""

BUDGETS: Mapping[str, float] = {slo: round(1 - objective, 6) for slo, objective in OBJECTIVES.items()}
"""Share of requests that may miss the objective."""

WAKING: Mapping[str, float] = {slo: round(BURN_RATES["1h"] * budget, 6) for slo, budget in BUDGETS.items()}
"""Share of bad requests at which a critical alert fires if it continues."""

SLOW_SECONDS = 0.25
"""Predictions that take longer miss the latency objective."""

PSI_LOOK = 0.1
"""Common threshold for a small population shift; no alert uses it."""
