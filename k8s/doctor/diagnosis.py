"""From findings to a verdict: root causes before symptoms, high confidence and new revisions first."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from k8s.doctor import causes, impact, state
from k8s.doctor.causes import Cause, Kind
from k8s.doctor.cluster import Cluster
from k8s.doctor.families import (
    admission,
    autoscalers,
    config,
    crashes,
    evictions,
    images,
    ingresses,
    memory,
    models,
    monitors,
    networks,
    nodes,
    probes,
    rollouts,
    scheduling,
    services,
    starts,
    throttling,
    volumes,
)
from k8s.doctor.finding import LOW, Finding
from k8s.doctor.workloads import Workload, workloads

Family = Callable[[Workload], Iterator[Finding]]

FAMILIES: tuple[Family, ...] = (
    nodes.diagnose,
    admission.diagnose,
    scheduling.diagnose,
    evictions.diagnose,
    volumes.diagnose,
    images.diagnose,
    config.diagnose,
    starts.diagnose,
    memory.diagnose,
    crashes.diagnose,
    models.diagnose,
    probes.diagnose,
    throttling.diagnose,
    rollouts.diagnose,
    services.diagnose,
    ingresses.diagnose,
    networks.diagnose,
    autoscalers.diagnose,
    monitors.diagnose,
)

SYMPTOMS = ("autoscaler-no-metrics", "readiness-flapping")
"""Causes that follow from other faults of the same workload."""


@dataclass(frozen=True)
class Diagnosis:
    """The diagnosis of a workload."""

    workload: Workload
    verdict: Finding
    others: tuple[Finding, ...]
    """Further causes, in the same order."""
    impact: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def cause(self) -> Cause:
        return causes.by_id(self.verdict.cause)

    @property
    def kind(self) -> Kind:
        return self.cause.kind


def diagnose(cluster: Cluster, chosen: Callable[[Workload], bool] = lambda _: True) -> list[Diagnosis]:
    """One diagnosis for each chosen workload, those with faults first."""
    found = [_of(workload) for workload in workloads(cluster) if chosen(workload)]
    order = {Kind.FAULT: 0, Kind.UNKNOWN: 1, Kind.FINE: 2}
    return sorted(found, key=lambda each: (order[each.kind], each.workload.namespace, each.workload.ref))


def _of(workload: Workload) -> Diagnosis:
    findings = _sorted(_merged([finding for family in FAMILIES for finding in family(workload)]))
    roots = [each for each in findings if each.cause not in SYMPTOMS]
    findings = roots or findings
    if findings:
        verdict, others = findings[0], tuple(findings[1:])
    else:
        verdict, others = state.without_fault(workload), ()
    notes = (*rollouts.budgets(workload), *autoscalers.at_maximum(workload), *impact.notes(workload))
    return Diagnosis(workload, verdict, others, tuple(impact.felt(workload)), notes)


def _merged(findings: Sequence[Finding]) -> list[Finding]:
    """Merge findings of the same cause in several pods."""
    merged: dict[tuple[str, str], Finding] = {}
    for each in findings:
        key = (each.cause, re.sub(r"\d+", "", each.sentence.partition(": ")[0]))
        merged[key] = merged[key].also(each) if key in merged else each
    return [replace(each, pods=tuple(dict.fromkeys(each.pods))) for each in merged.values()]


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(
        findings, key=lambda each: (each.old, each.confidence is LOW, causes.rank(each.cause), -len(each.pods))
    )
