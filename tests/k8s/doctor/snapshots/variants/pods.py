"""Pods that are not created or not scheduled, and pods of other controllers."""

from tests.k8s.doctor.snapshots import drills
from tests.k8s.doctor.snapshots.draft import Draft, Drafts


def refused(message: str) -> Draft:
    return drills.quota_exceeded().refused(message)


def quota_wants_limits() -> Draft:
    return refused('pods "web-1" is forbidden: failed quota: small: must specify limits.cpu for: cifar10')


def webhook_denies() -> Draft:
    return refused('admission webhook "policy.example.com" denied the request: image is not signed')


def webhook_down() -> Draft:
    return refused(
        'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post '
        '"https://policy.kube-system.svc:443/": dial tcp 10.96.0.9:443: connect: connection refused'
    )


def service_account_missing() -> Draft:
    return refused(
        'pods "web-1" is forbidden: error looking up service account default/web: serviceaccount "web" not found'
    )


def limit_range() -> Draft:
    return refused('pods "web-1" is forbidden: maximum memory usage per Container is 64Mi, but limit is 128Mi')


def priority_class_missing() -> Draft:
    return refused('pods "web-1" is forbidden: no PriorityClass with name high was found')


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


def under(draft: Draft, kind: str) -> Draft:
    """The same pod under another controller, or under none."""
    deployment = draft.one("Deployment")
    draft.items = [each for each in draft.items if each["kind"] not in ("Deployment", "ReplicaSet")]
    if kind == "Pod":
        draft.pod["metadata"].pop("ownerReferences")
        return draft
    owner = {**deployment, "kind": kind, "status": {"desiredNumberScheduled": 1, "replicas": 1}}
    draft.items.append(owner)
    meta = owner["metadata"]
    reference = {"kind": kind, "name": meta["name"], "uid": meta["uid"], "controller": True}
    draft.pod["metadata"]["ownerReferences"] = [reference]
    return draft


def job_failed() -> Draft:
    draft = under(Draft("crash-wrong-entry"), "Job")
    draft.pod["status"]["phase"] = "Failed"
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too many"}
    draft.one("Job")["status"] = {"conditions": [failed]}
    return draft


def pod_that_ended() -> Draft:
    draft = under(Draft("crash-wrong-entry"), "Pod")
    draft.pod["spec"]["restartPolicy"] = "Never"
    draft.pod["status"]["phase"] = "Failed"
    draft.status.update(state=draft.status["lastState"], lastState={})
    return draft


VARIANTS: Drafts = {
    "quota wants limits": ("quota-exceeded", quota_wants_limits),
    "webhook denies": ("admission-webhook-denied", webhook_denies),
    "webhook down": ("admission-webhook-unreachable", webhook_down),
    "service account missing": ("service-account-missing", service_account_missing),
    "limit range": ("limit-range-violated", limit_range),
    "priority class missing": ("pod-refused", priority_class_missing),
    "claim missing": ("volume-claim-pending", claim_missing),
    "tainted nodes": ("unschedulable", tainted),
    "disk pressure": ("node-under-pressure", disk_pressure),
    "host port taken": ("unschedulable", host_port_taken),
    "node down": ("node-not-ready", node_down),
    "turned away by the node": ("pod-rejected-by-node", turned_away),
    "scheduling gate": ("scheduling-gated", gated),
    "oom in a StatefulSet": ("out-of-memory", lambda: under(Draft("oom-killed"), "StatefulSet")),
    "oom in a DaemonSet": ("out-of-memory", lambda: under(Draft("oom-killed"), "DaemonSet")),
    "bad image in a bare pod": ("image-not-found", lambda: under(Draft("image-tag-not-found"), "Pod")),
    "healthy StatefulSet": ("healthy", lambda: under(Draft("healthy"), "StatefulSet")),
    "healthy bare pod": ("healthy", lambda: under(Draft("healthy"), "Pod")),
    "job failed": ("job-failed", job_failed),
    "a pod that ended for good": ("application-crashed", pod_that_ended),
}
