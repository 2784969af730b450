"""Checks responses."""

import json
import sys
from dataclasses import dataclass, field
from typing import Any

from k8s.rollout_check.connection import Answer
from k8s.rollout_check.outcome import LONGEST, Lost


@dataclass(frozen=True)
class Seen:
    """The model version and the pod that responded."""

    version: str
    pod: str


@dataclass
class Judge:
    """Checks that a version always gives an image the same class. Versions may differ."""

    pod_header: str | None = None
    classes: dict[tuple[str, str], str] = field(default_factory=dict)
    """By name of the image and version."""

    def judge(self, image: str, answer: Answer) -> Seen:
        """Raises :class:`Lost` for an error response and for a wrong answer."""
        if answer.status != 200:
            raise refusal(answer)
        found = parsed(answer.body)
        label, model = found.get("predict"), found.get("model")
        version = model.get("version") if isinstance(model, dict) else None
        if not isinstance(label, str) or not isinstance(version, str):
            raise Lost("wrong answer", f"200, but no prediction: {answer.body[:LONGEST]!r}")
        version = sys.intern(version[:LONGEST])  # shared by thousands of outcomes
        expected = self.classes.setdefault((image, version), label)
        if label != expected:
            raise Lost("wrong answer", f"{label} for {image}, which {version} called {expected} before")
        pod = answer.headers.get(self.pod_header, "") if self.pod_header else ""
        return Seen(version, sys.intern(pod[:LONGEST]))

    def changes(self) -> list[str]:
        """Images with different classes from different versions, a sentence each."""
        by_image: dict[str, dict[str, str]] = {}
        for (image, version), label in self.classes.items():
            by_image.setdefault(image, {})[version] = label
        return [
            f"{image} is {', '.join(f'{label} in {version}' for version, label in labels.items())}"
            for image, labels in by_image.items()
            if len(set(labels.values())) > 1
        ]


def refusal(answer: Answer) -> Lost:
    """Named by status and error code, such as ``503 draining``; a proxy's by status only."""
    problem = parsed(answer.body)
    code, detail = problem.get("code"), problem.get("detail")
    kind = f"{answer.status} {code}" if isinstance(code, str) else f"{answer.status}"
    return Lost(kind, detail if isinstance(detail, str) else answer.headers.get("Server", ""))


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object, or an empty one for any other body."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
