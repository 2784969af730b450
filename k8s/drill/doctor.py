"""What ``python -m k8s.doctor`` says of the cluster."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from k8s.drill.catalogue import ROOT
from k8s.drill.cluster import NAMESPACE, DrillError


def ask(context: str) -> list[str]:
    """The causes it finds, the likeliest first. Raise :class:`DrillError` if it does not answer.

    Its exit code is not looked at: a doctor that finds something may well say so with it.
    """
    command = [sys.executable, "-m", "k8s.doctor", "--context", context, "--namespace", NAMESPACE, "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, stdin=subprocess.DEVNULL)
    try:
        return list(causes(json.loads(done.stdout)))
    except json.JSONDecodeError:
        last = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        raise DrillError(f"the doctor gave no answer: {last}") from None


def causes(answer: Any) -> Iterator[str]:
    """Each ``cause`` in an answer, in order, at whatever depth."""
    if isinstance(answer, dict):
        if isinstance(answer.get("cause"), str):
            yield answer["cause"]
        answer = list(answer.values())
    if isinstance(answer, list):
        for each in answer:
            yield from causes(each)
