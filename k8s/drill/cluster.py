"""kubectl with a fixed context and namespace."""

import json
import re
import subprocess
from typing import Any

from k8s.drill.catalogue import ROOT

NAMESPACE = "default"
LOCAL = re.compile(
    r"docker-desktop|docker-for-desktop|orbstack|rancher-desktop|minikube|microk8s|colima(-.+)?|kind-.+|k3d-.+"
)
"""Context names of tools for local clusters."""

Object = dict[str, Any]


class DrillError(Exception):
    """The reason why a drill cannot continue."""


def choose(given: str | None) -> str:
    """The given context, else the current one if it looks like a local cluster. Raises :class:`DrillError`."""
    if given:
        return given
    current = _run("config", "current-context", quietly=True).strip()
    if not current:
        raise DrillError("kubectl has no current context; kubectl config get-contexts lists the contexts")
    if not LOCAL.fullmatch(current):
        raise DrillError(
            f"the current context, {current}, does not look like a local cluster, and drills break the workload.\n"
            f"Choose another one (kubectl config use-context), or confirm it with --context {current}"
        )
    return current


class Cluster:
    """A cluster, by the name of its context."""

    def __init__(self, context: str) -> None:
        self.context = context

    def kubectl(self, *arguments: str, given: str | None = None, quietly: bool = False) -> str:
        """kubectl's output; ``given`` is its input. Raises :class:`DrillError` with kubectl's error message."""
        return _run("--context", self.context, "--namespace", NAMESPACE, *arguments, given=given, quietly=quietly)

    def get(self, *arguments: str) -> list[Object]:
        """The objects of a list."""
        return list(json.loads(self.kubectl("get", *arguments, "-o", "json"))["items"])

    def find(self, kind: str, name: str) -> Object | None:
        """The object, or ``None`` if it does not exist."""
        text = self.kubectl("get", kind, name, "--ignore-not-found", "-o", "json")
        return dict(json.loads(text)) if text.strip() else None

    def check(self) -> None:
        """Raises :class:`DrillError` if the cluster does not respond."""
        self.kubectl("get", "--raw", "/version", "--request-timeout=10s")


def _run(*arguments: str, given: str | None = None, quietly: bool = False) -> str:
    try:
        done = subprocess.run(
            ["kubectl", *arguments], input=given or "", capture_output=True, text=True, check=False, cwd=ROOT
        )
    except FileNotFoundError:
        raise DrillError("kubectl is not installed: https://kubernetes.io/docs/tasks/tools/") from None
    if done.returncode and not quietly:
        words = " ".join(each for each in arguments if not each.startswith("--request-timeout"))
        raise DrillError(f"kubectl {words}\n{done.stderr.strip()}")
    return done.stdout
