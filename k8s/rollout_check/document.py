"""The report as JSON, for machines."""

import json
from dataclasses import asdict
from typing import Any

from k8s.rollout_check import summary
from k8s.rollout_check.check import Result
from k8s.rollout_check.timeline import step, timeline

MOST_PIECES = 600


def document(result: Result, exit_code: int) -> str:
    """Times in seconds, since the start where they are moments."""
    outcomes, plan = result.load.outcomes, result.plan
    parts = summary.by_phase(outcomes, result.phases)
    length = step(result.phases.ended, MOST_PIECES)
    found: dict[str, Any] = {
        "url": plan.target.url,
        "rate": plan.shape.rate,
        "command": plan.command,
        "exit_code": exit_code,
        "failure": result.failure,
        **_part(summary.part(outcomes)),
        "losses": [asdict(loss) for loss in summary.losses(outcomes)],
        "not_sent": dict(result.load.unsent),
        "late": asdict(summary.lateness(outcomes)),
        "disagreements": result.changes,
        "phases": {
            name: {"start": start, "end": end, **_part(parts[name])}
            for name, (start, end) in result.phases.spans().items()
        },
        "timeline": [
            {"start": piece.start, **_part(piece.requests), "versions": piece.versions, "pods": piece.pods}
            for piece in timeline(outcomes, result.phases.ended, length)
        ],
    }
    return json.dumps(found, indent=2)


def _part(part: summary.Part) -> dict[str, Any]:
    return {"sent": part.sent, "ok": part.ok, "lost": part.lost, "latency_seconds": part.latency}
