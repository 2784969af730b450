"""The rules that every build keeps; importing this package fills ``RULES``."""

from tests.k8s.policy import image, labels, probes, resources, rollout, security, shutdown, wiring
from tests.k8s.policy.rules import RULES

__all__ = ["RULES", "image", "labels", "probes", "resources", "rollout", "security", "shutdown", "wiring"]
