"""Pods that cannot be scheduled."""

import re
from collections.abc import Iterator

from k8s.doctor import commands
from k8s.doctor.families import claims
from k8s.doctor.fields import Json, listed, mapping, name, quantity, text
from k8s.doctor.finding import HIGH, LOW, MEDIUM, Evidence, Finding
from k8s.doctor.pods import Pod
from k8s.doctor.workloads import Workload

SILENT = 60.0
"""Seconds after which a pod without a scheduler event is reported."""

REASONS = (
    (r"Insufficient (\S+?)[.,]?(?:\s|$)", "no node has enough {0} left"),
    (r"didn't match Pod's node affinity/selector|didn't match node selector", "no node has the labels it asks for"),
    (r"had untolerated taint \{([^}]*?):? ?\}", "the nodes are tainted with {0}, which it does not tolerate"),
    (r"untolerated taint\(s\)", "the nodes have taints that it does not tolerate"),
    (r"had taint \{([^}]*)\}", "the nodes are tainted with {0}, which it does not tolerate"),
    (r"didn't have free ports", "the host port it asks for is taken on every node"),
    (r"were unschedulable", "the nodes are cordoned"),
    (r"Too many pods", "the nodes hold as many pods as they may"),
    (r"volume node affinity conflict|PersistentVolume's node affinity", "its volume lies where no node can reach it"),
    (r"anti-affinity rules", "other pods keep it away from the nodes (anti-affinity)"),
    (r"pod affinity rules", "no node has the pods that it wants to be near to (affinity)"),
    (r"topology spread", "its topology spread leaves no node"),
    (r"no nodes available|0/0 nodes", "the cluster has no node"),
)
_SICK = re.compile(r"node\.kubernetes\.io/(not-ready|unreachable|disk-pressure|memory-pressure|pid-pressure)")


def diagnose(workload: Workload) -> Iterator[Finding]:
    for pod in workload.alive:
        scheduled = pod.condition("PodScheduled")
        if pod.node or text(scheduled, "status") == "True":
            continue
        message = text(scheduled, "message") or next((e.message for e in pod.events("FailedScheduling")[-1:]), "")
        if text(scheduled, "reason") == "SchedulingGated":
            yield _gated(workload, pod)
        elif message:
            yield _explain(workload, pod, message)
        elif pod.phase == "Pending" and ((pod.age or 0) > SILENT or workload.stalled) and not pod.events():
            yield Finding(
                "unschedulable",
                "No scheduler has looked at the pod: is the one that it names running?",
                LOW,
                (
                    Evidence(
                        pod.ref, "spec.schedulerName", text(pod.obj, "spec", "schedulerName") or "default-scheduler"
                    ),
                ),
                next=("kubectl get pods -n kube-system -l component=kube-scheduler",),
                pods=(pod.name,),
                old=pod.old,
            )


def _gated(workload: Workload, pod: Pod) -> Finding:
    gates = ", ".join(text(each, "name") for each in listed(pod.obj, "spec", "schedulingGates"))
    return Finding(
        "scheduling-gated",
        f"The pod waits for its scheduling gates to be lifted: {gates}.",
        HIGH,
        (Evidence(pod.ref, "spec.schedulingGates", gates),),
        next=(commands.describe(workload, pod.ref),),
        fix=(commands.edit(workload, "spec.template.spec.schedulingGates; or see to whoever lifts them"),),
        pods=(pod.name,),
        old=pod.old,
    )


def _explain(workload: Workload, pod: Pod, message: str) -> Finding:
    tells = message.partition("preemption:")[0].replace("no new claims to deallocate,", "").strip()
    evidence = [Evidence(pod.ref, "status.conditions[PodScheduled].message", message)]
    next_ = [commands.describe(workload, pod.ref), "kubectl describe nodes"]
    if claims.speaks_of(tells):
        return claims.explain(workload, pod, tells, evidence)
    found = [text_.format(*match.groups()) for pattern, text_ in REASONS for match in re.finditer(pattern, tells)]
    why = ", and ".join(dict.fromkeys(found)) or tells
    if sick := _SICK.search(tells) or _sick_taint(pod, tells):
        cause = "node-not-ready" if sick[1] in ("not-ready", "unreachable") else "node-under-pressure"
        nodes = _sick_nodes(pod, sick[1])
        sentence = f"The pod finds no node ({sick[1]}: {', '.join(nodes) or 'all nodes'}): {why}."
        return Finding(
            cause, sentence, HIGH, tuple(evidence), tuple(next_), ("kubectl describe nodes",), (pod.name,), pod.old
        )
    evidence += _demands(pod)
    fix = commands.edit(workload, _advice(tells))
    return Finding(
        "unschedulable",
        f"The pod finds no node: {why}.",
        HIGH if found else MEDIUM,
        tuple(evidence),
        next=tuple(next_),
        fix=commands.back(workload, pod, fix),
        pods=(pod.name,),
        old=pod.old,
    )


def _sick_taint(pod: Pod, tells: str) -> re.Match[str] | None:
    """The taint of an unhealthy node, read from the nodes if the scheduler only counts taints."""
    nodes = [listed(node, "spec", "taints") for node in pod.cluster.all("Node")]
    sick = [_SICK.search(" ".join(text(each, "key") for each in taints)) for taints in nodes]
    return sick[0] if sick and all(sick) and "untolerated taint(s)" in tells else None


def _sick_nodes(pod: Pod, taint: str) -> list[str]:
    key = f"node.kubernetes.io/{taint}"
    return [
        name(node)
        for node in pod.cluster.all("Node")
        if any(text(each, "key") == key for each in listed(node, "spec", "taints"))
    ]


def _demands(pod: Pod) -> Iterator[Evidence]:
    """The pod's requests, and the allocatable resources of the nodes."""
    for container in pod.containers:
        asks = mapping(container.spec, "resources", "requests")
        if asks:
            shown = ", ".join(f"{key} {value}" for key, value in asks.items())
            yield Evidence(pod.ref, f"{container.spec_path}.resources.requests", shown)
    if selector := mapping(pod.obj, "spec", "nodeSelector"):
        shown = ", ".join(f"{key}={value}" for key, value in selector.items())
        yield Evidence(pod.ref, "spec.nodeSelector", shown)
    for container in pod.containers:
        for port in container.ports:
            if host := port.get("hostPort"):
                yield Evidence(pod.ref, f"{container.spec_path}.ports", f"hostPort {host}")
    for node in pod.cluster.all("Node")[:3]:
        yield Evidence(f"node/{name(node)}", "status.allocatable", _allocatable(node))


def _allocatable(node: Json) -> str:
    has = mapping(node, "status", "allocatable")
    memory = quantity(has.get("memory"))
    shown = f"{memory / 2**30:.1f}Gi" if memory else "unknown"
    taints = ", ".join(f"{text(each, 'key')}:{text(each, 'effect')}" for each in listed(node, "spec", "taints"))
    return f"cpu {has.get('cpu')}, memory {shown}{f', taints {taints}' if taints else ''}"


def _advice(message: str) -> str:
    if "Insufficient" in message:
        return "smaller resources.requests; or add a node, or free one"
    if "PersistentVolume" in message:
        return "the volume; or let the pod run where its volume lies"
    if "anti-affinity" in message:
        return "affinity.podAntiAffinity; or add a node"
    if "selector" in message or "affinity" in message:
        return "nodeSelector and affinity; or kubectl label node <node> <label>"
    if "taint" in message:
        return "tolerations; or kubectl taint node <node> <key>-"
    return "hostPort: none, a Service is enough" if "free ports" in message else "what keeps it from the nodes"
