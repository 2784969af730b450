"""Pods without a node, or with one that is not well."""

from tests.k8s.doctor.snapshots.draft import Draft, Drafts


def unplaced(why: str) -> Draft:
    return Draft("unschedulable-cpu").without_events().unschedulable(f"0/1 nodes are available: {why}")


def claim_missing() -> Draft:
    return unplaced('persistentvolumeclaim "models" not found. not found')


def tainted() -> Draft:
    return unplaced("1 node(s) had untolerated taint {gpu: yes}. preemption: 0/1 nodes are available")


def disk_pressure() -> Draft:
    return unplaced("1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }.")


def host_port_taken() -> Draft:
    return unplaced("1 node(s) didn't have free ports for the requested pod ports.")


def gated() -> Draft:
    draft = Draft("unschedulable-cpu").without_events().each_pod_spec(schedulingGates=[{"name": "example.com/quota"}])
    return draft.condition("Pod", "PodScheduled", reason="SchedulingGated", message="Scheduling is blocked")


def node_down() -> Draft:
    silent = {"reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status."}
    return Draft("healthy").unready().condition("Node", "Ready", status="Unknown", **silent)


def turned_away() -> Draft:
    draft = Draft("healthy").without_events().unready()
    draft.pod["status"].update(
        phase="Failed", reason="OutOfcpu", message="Pod was rejected: Node didn't have enough cpu"
    )
    return draft


VARIANTS: Drafts = {
    "claim missing": ("volume-claim-pending", claim_missing),
    "tainted nodes": ("unschedulable", tainted),
    "disk pressure": ("node-under-pressure", disk_pressure),
    "host port taken": ("unschedulable", host_port_taken),
    "node down": ("node-not-ready", node_down),
    "turned away by the node": ("pod-rejected-by-node", turned_away),
    "scheduling gate": ("scheduling-gated", gated),
}
