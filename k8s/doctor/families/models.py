"""A service that is up but whose model is not what it should be: it says so in its log and stays unready."""

import re
from collections.abc import Iterator, Sequence

from k8s.doctor import commands
from k8s.doctor.containers import Container
from k8s.doctor.fields import mapping
from k8s.doctor.finding import HIGH, MEDIUM, Evidence, Finding
from k8s.doctor.logs import find
from k8s.doctor.workloads import Workload

GIVEN_UP = r"not ready, and will not be: (\w+): (.*)"
"""What the service logs when a check of its start can't be passed any more."""

_DAMAGE = (
    r"is damaged: its sha256|golden images right|is not a model card|is not a safetensors file|model check failed"
    r"|does not name \S*weights|sha256 (?:mismatch|does not match)|checksum (?:mismatch|does not match)"
    r"|(?:model|weights|artifact)\b.*\b(?:corrupt|damaged|mismatch|truncated)"
    r"|has no tensor|no tolerance for|model of other classes|HeaderTooLarge|InvalidHeader|weights.*can't be read"
    r"|PytorchStreamReader failed|UnpicklingError|SafetensorError|invalid load key"
)


def damage(lines: Sequence[str]) -> str:
    """The line that says that a model is wrong, or an empty string; a passed self-test is no damage."""
    for line in reversed(lines):
        given_up = re.search(GIVEN_UP, line)
        if given_up and (given_up[1] in ("weights", "golden_images") or re.search(_DAMAGE, line)):
            return line.strip()
        passed = "self-test:" in line or '"passed":true' in line.replace(" ", "")
        if re.search(_DAMAGE, line) and not passed:
            return line.strip()
    return ""


def speaks(container: Container) -> str:
    """What a container that runs but is not ready says of its model: in its log, or in its answer to the probe."""
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
