"""Paused or scaled-down workloads, and pods that do not terminate."""

from collections.abc import Iterator

from k8s.doctor import commands
from k8s.doctor.fields import mapping, name, number, selects, strings, text, when
from k8s.doctor.finding import HIGH, LOW, MEDIUM, Evidence, Finding
from k8s.doctor.logs import last_words
from k8s.doctor.pods import Pod
from k8s.doctor.workloads import Workload

PATIENCE = 60.0
"""Seconds in which a pod may terminate before it is reported."""
INIT_PATIENCE = 90.0
"""Seconds that an init container may run before it is reported."""


def diagnose(workload: Workload) -> Iterator[Finding]:
    yield from _scaled_to_zero(workload)
    yield from _paused(workload)
    yield from _job_failed(workload)
    yield from _init_waits(workload)
    for pod in workload.pods:
        if pod.terminating:
            yield from _stuck(workload, pod)


def _scaled_to_zero(workload: Workload) -> Iterator[Finding]:
    if workload.kind in ("Deployment", "StatefulSet", "ReplicaSet") and workload.desired == 0:
        yield Finding(
            "scaled-to-zero",
            f"The {workload.kind} {workload.name} is scaled to 0, so nothing runs.",
            HIGH,
            (Evidence(workload.ref, "spec.replicas", "0"),),
            next=(commands.describe(workload, workload.ref),),
            fix=(f"kubectl scale {workload.ref} --replicas=1{workload.flag}",),
        )
    if workload.kind == "DaemonSet" and workload.desired == 0:
        yield Finding(
            "unschedulable",
            f"No node is one that the DaemonSet {workload.name} wants to run on.",
            MEDIUM,
            (Evidence(workload.ref, "status.desiredNumberScheduled", "0"),),
            next=("kubectl get nodes --show-labels",),
            fix=(commands.edit(workload, "spec.template.spec.nodeSelector, affinity and tolerations"),),
        )


def _paused(workload: Workload) -> Iterator[Finding]:
    if workload.paused:
        updated = number(workload.obj, "status", "updatedReplicas")
        held = not workload.observed or updated < workload.desired
        yield Finding(
            "rollout-paused",
            f"The rollout of {workload.name} is paused: changes are taken note of, but not carried out.",
            HIGH if held else MEDIUM,
            (
                Evidence(workload.ref, "spec.paused", "true"),
                Evidence(workload.ref, "status.updatedReplicas", f"{updated} of {workload.desired}"),
            ),
            next=(f"kubectl rollout history {workload.ref}{workload.flag}",),
            fix=(f"kubectl rollout resume {workload.ref}{workload.flag}",),
        )


def _job_failed(workload: Workload) -> Iterator[Finding]:
    failed = workload.condition("Failed")
    if workload.kind == "Job" and workload.failed:
        pods = [pod for pod in workload.pods if pod.phase == "Failed"]
        reason = f"{text(failed, 'reason')}: {text(failed, 'message')}"
        yield Finding(
            "job-failed",
            f"The Job {workload.name} has failed for good: {text(failed, 'message') or text(failed, 'reason')}.",
            HIGH,
            (Evidence(workload.ref, "status.conditions[Failed]", reason), *_ends(pods[-1:])),
            next=tuple(f"kubectl logs {pod.ref}{workload.flag}" for pod in pods[-1:]),
            fix=(f"kubectl replace --force -f <manifest of {workload.ref}>{workload.flag}   # with the error mended",),
            pods=tuple(pod.name for pod in pods),
        )


def _ends(pods: list[Pod]) -> Iterator[Evidence]:
    for container in [container for pod in pods for container in pod.containers]:
        if container.end:
            yield Evidence(container.pod.ref, container.status_path, f"exit code {container.end.code}")
            yield Evidence(container.pod.ref, "log", last_words(container.recent_lines()) or "(empty, or not read)")


def _init_waits(workload: Workload) -> Iterator[Finding]:
    for pod in workload.alive:
        for container in pod.containers:
            running = pod.cluster.seconds_since(container.since)
            finite = container.init and not container.sidecar
            if finite and running is not None and (running > INIT_PATIENCE or (workload.stalled and not pod.old)):
                yield Finding(
                    "init-container-waiting",
                    f"The {container.described} has not come to its end, and the others wait for it.",
                    MEDIUM if running > 2 * INIT_PATIENCE else LOW,
                    (Evidence(pod.ref, f"{container.status_path}.state.running", f"for {running:.0f} s"),),
                    next=(commands.logs(workload, container),),
                    fix=commands.back(
                        workload, pod, commands.edit(workload, f"{container.spec_path}: what it waits for")
                    ),
                    pods=(pod.name,),
                    old=pod.old,
                )


def _stuck(workload: Workload, pod: Pod) -> Iterator[Finding]:
    deadline = when(pod.obj, "metadata", "deletionTimestamp")
    grace = number(pod.obj, "metadata", "deletionGracePeriodSeconds", default=30)
    late = pod.cluster.seconds_since(deadline)
    finalizers = strings(pod.obj, "metadata", "finalizers")
    left = pod.over and bool(finalizers)  # its containers ended, and it is still there
    if late is None or (late + grace < PATIENCE and not (left and late > grace)):
        return
    evidence = [Evidence(pod.ref, "metadata.deletionTimestamp", text(pod.obj, "metadata", "deletionTimestamp"))]
    force = f"kubectl delete {pod.ref} --grace-period=0 --force{workload.flag}   # only if its node is gone"
    if finalizers and late > 0:
        why, fix = f"its finalizers {', '.join(finalizers)} are not taken away", commands.describe(workload, pod.ref)
        evidence.append(Evidence(pod.ref, "metadata.finalizers", ", ".join(finalizers)))
    elif late > 0:
        why, fix = f"its grace period is over for {late:.0f} s, and the kubelet has not ended it", force
    else:
        why = f"its process does not end on SIGTERM, and its grace period is {grace} s"
        fix = commands.edit(workload, "end on SIGTERM; or a shorter terminationGracePeriodSeconds")
    evidence.append(Evidence(pod.ref, "metadata.deletionGracePeriodSeconds", str(grace)))
    yield Finding(
        "pod-stuck-terminating",
        f"A pod has been terminating for {late + grace:.0f} s: {why}.",
        HIGH if late > 0 else MEDIUM,
        tuple(evidence),
        next=(commands.describe(workload, pod.ref),),
        fix=(fix,),
        pods=(pod.name,),
    )


def budgets(workload: Workload) -> Iterator[str]:
    """Notes on disruption budgets that allow no eviction although all pods are healthy."""
    for budget in workload.cluster.all("PodDisruptionBudget", workload.namespace):
        selector = mapping(budget, "spec", "selector")
        ours = selector and selects(selector, workload.labels)
        none = number(budget, "status", "disruptionsAllowed", default=1) == 0
        if ours and none and len(workload.serving) >= workload.desired > 0:
            yield f"The PodDisruptionBudget {name(budget)} lets no pod go: draining a node will wait."
