"""The diagnosis as text and as JSON."""

import shutil
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from k8s.doctor.causes import Kind
from k8s.doctor.diagnosis import Diagnosis
from k8s.doctor.finding import Evidence, Finding

LONGEST = 320
"""Maximum length of a shown value; JSON has the full value."""


@dataclass(frozen=True)
class Style:
    """Colour and width of the output."""

    colour: bool = False
    width: int = 120

    @classmethod
    def of_terminal(cls, *, colour: bool) -> "Style":
        return cls(colour, max(60, min(120, shutil.get_terminal_size((120, 24)).columns)))

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


COLOURS = {Kind.FAULT: "1;31", Kind.UNKNOWN: "1;33", Kind.FINE: "1;32"}


def report(diagnoses: list[Diagnosis], unread: Iterable[str], style: Style) -> str:
    """All diagnoses; if there are several, healthy ones take one line each."""
    brief = len(diagnoses) > 1
    blocks = ["\n".join(_block(each, style, brief=brief and each.kind is Kind.FINE)) for each in diagnoses]
    text = ""
    for block in blocks:
        text += ("\n" if "\n" in block and text else "") + block + "\n"
    for each in unread:
        text += "\n".join(textwrap.wrap(f"not read: {each}", style.width, subsequent_indent="  ")) + "\n"
    return text


def _block(diagnosis: Diagnosis, style: Style, *, brief: bool) -> Iterator[str]:
    workload, verdict = diagnosis.workload, diagnosis.verdict
    what = style.paint(verdict.cause, COLOURS[diagnosis.kind])
    head = f"{style.paint(workload.ref, '1')} in {workload.namespace}: {what}"
    if brief:
        yield head
        return
    yield f"{head} ({verdict.confidence} confidence)"
    yield from textwrap.wrap(verdict.sentence, style.width, initial_indent="  ", subsequent_indent="  ")
    if len(verdict.pods) > 1:
        more = ", ..." if len(verdict.pods) > 4 else ""
        yield f"  It is so in {len(verdict.pods)} pods: {', '.join(verdict.pods[:4])}{more}"
    yield from _section("evidence", _evidence(verdict.evidence), style)
    yield from _section("impact", diagnosis.impact, style)
    yield from _section("note", diagnosis.notes, style)
    yield from _section("next", verdict.next, style, wrap=False)
    yield from _section("fix", verdict.fix, style, wrap=False)
    for other in diagnosis.others:
        yield from _other(other, style)


def _other(other: Finding, style: Style) -> Iterator[str]:
    yield ""
    head = f"also {style.paint(other.cause, '1;31')} ({other.confidence} confidence): {other.sentence}"
    yield from textwrap.wrap(head, style.width, initial_indent="  ", subsequent_indent="  ")
    yield from _section("evidence", _evidence(other.evidence), style)
    yield from _section("fix", other.fix, style, wrap=False)


def _evidence(evidence: Iterable[Evidence]) -> list[str]:
    return [f"{each.object}  {each.field}: {_short(each.value)}" for each in evidence]


def _short(value: str) -> str:
    line = " ".join(value.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def _section(title: str, lines: Iterable[str], style: Style, *, wrap: bool = True) -> Iterator[str]:
    for index, line in enumerate(lines):
        label = style.paint(f"  {title:<9}", "2") if index == 0 else " " * 11
        parts = (
            textwrap.wrap(line, style.width - 11, break_long_words=False, subsequent_indent="  ") if wrap else [line]
        )
        yield label + (parts[0] if parts else "")
        yield from (" " * 11 + part for part in parts[1:])


def as_json(diagnoses: Iterable[Diagnosis], unread: Iterable[str]) -> dict[str, Any]:
    return {"version": 1, "workloads": [_diagnosis_json(each) for each in diagnoses], "unread": list(unread)}


def _diagnosis_json(diagnosis: Diagnosis) -> dict[str, Any]:
    workload = diagnosis.workload
    return {
        "workload": workload.ref,
        "namespace": workload.namespace,
        "state": diagnosis.kind,
        **_finding_json(diagnosis.verdict),
        "meaning": diagnosis.cause.meaning,
        "impact": list(diagnosis.impact),
        "notes": list(diagnosis.notes),
        "also": [_finding_json(each) for each in diagnosis.others],
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "cause": finding.cause,
        "sentence": finding.sentence,
        "confidence": finding.confidence,
        "evidence": [asdict(each) for each in finding.evidence],
        "pods": list(finding.pods),
        "next": list(finding.next),
        "fix": list(finding.fix),
    }
