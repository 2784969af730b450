"""Rollouts that stand still, are paused or leave old pods behind."""

from collections.abc import Callable

from tests.k8s.doctor.snapshots.draft import Draft, Drafts


def with_old_pods(newest: Callable[[], Draft]) -> Draft:
    """A rollout that stands still: the pods of the revision before go on serving."""
    draft, old = newest(), Draft("healthy")
    digest = old.one("ReplicaSet")["metadata"]["labels"]["pod-template-hash"]
    old.renamed(**{digest: "5d8f7c9b64", '"healthy"': f'"{draft.namespace}"'})
    replica_set, pod = old.one("ReplicaSet"), old.pod
    replica_set["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "1"
    draft.one("ReplicaSet")["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    owner = draft.one("ReplicaSet")["metadata"]["ownerReferences"]
    replica_set["metadata"]["ownerReferences"] = owner
    draft.items += [replica_set, pod]
    draft.one("EndpointSlice")["endpoints"] = old.one("EndpointSlice")["endpoints"]
    return draft


def with_bad_image() -> Draft:
    return with_old_pods(lambda: Draft("image-tag-not-found"))


def with_bad_image_and_selector() -> Draft:
    draft = Draft("image-tag-not-found")
    draft.one("Service")["spec"]["selector"] = {"app": "other"}
    return draft


def scaled_to_zero() -> Draft:
    draft = Draft("healthy").no_pods()
    for kind in ("Deployment", "ReplicaSet"):
        draft.one(kind)["spec"]["replicas"] = 0
    return draft


def paused() -> Draft:
    draft = Draft("healthy")
    draft.one("Deployment")["spec"]["paused"] = True
    draft.one("Deployment")["status"]["updatedReplicas"] = 0
    return draft


def old_pod_on_its_way_out() -> Draft:
    draft = with_old_pods(lambda: Draft("healthy"))
    old = draft.items[-1]
    old["metadata"]["deletionTimestamp"] = draft.time(-20)
    old["status"]["containerStatuses"][0]["ready"] = False
    return draft.event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", of=old, count=4)


def stuck_terminating() -> Draft:
    draft = Draft("healthy")
    draft.pod["metadata"].update(deletionTimestamp=draft.time(300), finalizers=["example.com/hold"])
    return draft


VARIANTS: Drafts = {
    "rollout with a bad image": ("image-not-found", with_bad_image),
    "bad image and bad selector": ("image-not-found", with_bad_image_and_selector),
    "scaled to zero": ("scaled-to-zero", scaled_to_zero),
    "paused": ("rollout-paused", paused),
    "stuck terminating": ("pod-stuck-terminating", stuck_terminating),
    "old pod on its way out": ("healthy", old_pod_on_its_way_out),
}
