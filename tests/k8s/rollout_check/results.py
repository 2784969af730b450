"""Results that were not measured, for what is made of them."""

from pathlib import Path

from k8s.rollout_check.answers import Judge
from k8s.rollout_check.check import Plan, Result
from k8s.rollout_check.client import Client
from k8s.rollout_check.images import Image
from k8s.rollout_check.load import Load, Shape
from k8s.rollout_check.outcome import Outcome
from k8s.rollout_check.phases import Phases
from k8s.rollout_check.target import Target


def result(
    outcomes: list[Outcome],
    phases: Phases,
    *,
    rate: float = 10.0,
    unsent: dict[str, int] | None = None,
    changes: list[str] | None = None,
    failure: str | None = None,
) -> Result:
    target = Target.parse("http://localhost:30080")
    images = [Image("bird.png", Path(__file__).read_bytes())]
    shape = Shape(rate, timeout=10, most=100)
    plan = Plan(target, images, shape, ["true"], None, before=1, after=1, timeout=60, kept=8, pod_header=None)
    load = Load(Client(target, "127.0.0.1", images, Judge(), kept=8), shape, outcomes)
    load.unsent.update(unsent or {})
    return Result(plan, phases, load, changes or [], failure)
