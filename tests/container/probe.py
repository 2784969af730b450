"""A readiness probe as the kubelet runs it."""

import re
from dataclasses import dataclass

import requests

from tests.container.containers import Container
from tests.k8s.manifests import Object


@dataclass(frozen=True)
class Probe:
    """The probe's settings, with Kubernetes' defaults."""

    path: str
    period_seconds: float = 10
    timeout_seconds: float = 1
    failure_threshold: int = 3
    success_threshold: int = 1

    @classmethod
    def read(cls, manifest: Object) -> "Probe":
        assert manifest["httpGet"]["port"] == "ops"
        given = {re.sub("[A-Z]", lambda each: f"_{each[0].lower()}", name): value for name, value in manifest.items()}
        return cls(given.pop("http_get")["path"], **given)

    def passes(self, pod: Container) -> bool:
        """Probe once."""
        try:
            return 200 <= pod.ops(self.path, timeout=self.timeout_seconds).status_code < 400
        except requests.RequestException:
            return False


class Readiness:
    """Whether a pod is Ready; initially not. The state changes after enough equal results in a row."""

    def __init__(self, probe: Probe) -> None:
        self.ready = False
        self._probe = probe
        self._last: bool | None = None
        self._alike = 0

    def answered(self, passed: bool) -> bool:
        """Record a result; returns whether the state changed."""
        self._alike = self._alike + 1 if passed is self._last else 1
        self._last = passed
        needed = self._probe.success_threshold if passed else self._probe.failure_threshold
        changes = passed is not self.ready and self._alike >= needed
        self.ready ^= changes
        return changes
