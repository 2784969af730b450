"""The rules that every build keeps; importing this package fills ``RULES``."""

from tests.k8s.policy import (
    autoscaling,
    edge,
    image,
    labels,
    network,
    objects,
    pod_security,
    probes,
    resources,
    rollout,
    scraping,
    security,
    shutdown,
    wiring,
)
from tests.k8s.policy.rules import RULES

__all__ = [
    "RULES",
    "autoscaling",
    "edge",
    "image",
    "labels",
    "network",
    "objects",
    "pod_security",
    "probes",
    "resources",
    "rollout",
    "scraping",
    "security",
    "shutdown",
    "wiring",
]
