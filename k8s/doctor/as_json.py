"""The diagnosis for a program."""

from collections.abc import Iterable
from typing import Any

from k8s.doctor.diagnosis import Diagnosis
from k8s.doctor.finding import Finding


def as_json(diagnoses: Iterable[Diagnosis], unread: Iterable[str]) -> dict[str, Any]:
    return {"version": 1, "workloads": [_diagnosis(each) for each in diagnoses], "unread": list(unread)}


def _diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    workload = diagnosis.workload
    return {
        "workload": workload.ref,
        "namespace": workload.namespace,
        "state": diagnosis.kind,
        **_finding(diagnosis.verdict),
        "meaning": diagnosis.cause.meaning,
        "impact": list(diagnosis.impact),
        "notes": list(diagnosis.notes),
        "also": [_finding(each) for each in diagnosis.others],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "cause": finding.cause,
        "sentence": finding.sentence,
        "confidence": finding.confidence,
        "evidence": [{"object": e.object, "field": e.field, "value": e.value} for e in finding.evidence],
        "pods": list(finding.pods),
        "next": list(finding.next),
        "fix": list(finding.fix),
    }
