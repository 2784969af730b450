"""A server whose model is damaged: it logs this and stays unready."""

import re
from collections.abc import Iterator, Sequence

from k8s.doctor import commands
from k8s.doctor.fields import mapping
from k8s.doctor.finding import HIGH, MEDIUM, Evidence, Finding
from k8s.doctor.logs import find
from k8s.doctor.pods import Container
from k8s.doctor.workloads import Workload

FAILED_CHECK = r"cannot become ready: check (\w+) failed: (.*)"
"""The service's log line when a check at its start has failed."""

_DAMAGE = (
    r"is damaged: its sha256|golden images right|is not a model card|is not a safetensors file|model check failed"
    r"|does not name \S*weights|sha256 (?:mismatch|does not match)|checksum (?:mismatch|does not match)"
    r"|(?:model|weights|artifact)\b.*\b(?:corrupt|damaged|mismatch|truncated)"
    r"|has no tensor|no tolerance for|model of other classes|HeaderTooLarge|InvalidHeader|weights.*can't be read"
    r"|PytorchStreamReader failed|UnpicklingError|SafetensorError|invalid load key"
)


def damage(lines: Sequence[str]) -> str:
    """The log line about a damaged model, or an empty string. A passed self-test is ignored."""
    for line in reversed(lines):
        failed = re.search(FAILED_CHECK, line)
        if failed and (failed[1] in ("weights", "golden_images") or re.search(_DAMAGE, line)):
            return line.strip()
        passed = "self-test:" in line or '"passed":true' in line.replace(" ", "")
        if re.search(_DAMAGE, line) and not passed:
            return line.strip()
    return ""


def speaks(container: Container) -> str:
    """The message of a running, unready container about its model, in its log or its response to the probe."""
    if container.ready or not container.running:
        return ""
    told = damage([*container.recent_lines(), *(event.message for event in container.events("Unhealthy"))])
    return "" if find([told], r"read-only file") else told


def diagnose(workload: Workload) -> Iterator[Finding]:
    for pod in workload.alive:
        for container in pod.containers:
            if told := speaks(container):
                warnings = [e for e in container.events("Unhealthy") if e.message.startswith("Readiness")][-1:]
                probe = mapping(container.spec, "readinessProbe")
                yield Finding(
                    "model-damaged",
                    f"The model in {container.described} is damaged or wrong, so it never becomes ready: {told}",
                    HIGH if warnings or probe else MEDIUM,
                    (
                        Evidence(pod.ref, "log", told),
                        Evidence(pod.ref, f"{container.status_path}.ready", "false, though it runs"),
                        *(Evidence(pod.ref, e.field, e.message) for e in warnings),
                    ),
                    next=(commands.logs(workload, container),),
                    fix=commands.back(
                        workload, pod, commands.set_image(workload, container, "<image with the right model>")
                    ),
                    pods=(pod.name,),
                    old=pod.old,
                )
