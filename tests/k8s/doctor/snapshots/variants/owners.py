"""The same faults under other controllers than a Deployment, or under none."""

from tests.k8s.doctor.snapshots.draft import Draft, Drafts


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
    "oom in a StatefulSet": ("out-of-memory", lambda: under(Draft("oom-killed"), "StatefulSet")),
    "oom in a DaemonSet": ("out-of-memory", lambda: under(Draft("oom-killed"), "DaemonSet")),
    "bad image in a bare pod": ("image-not-found", lambda: under(Draft("image-tag-not-found"), "Pod")),
    "healthy StatefulSet": ("healthy", lambda: under(Draft("healthy"), "StatefulSet")),
    "healthy bare pod": ("healthy", lambda: under(Draft("healthy"), "Pod")),
    "job failed": ("job-failed", job_failed),
    "a pod that ended for good": ("application-crashed", pod_that_ended),
}
