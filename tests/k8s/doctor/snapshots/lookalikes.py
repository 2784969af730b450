"""Faults that look like others, and healthy states that look like faults; cause and builder by name."""

from tests.k8s.doctor.snapshots import drills
from tests.k8s.doctor.snapshots.draft import Draft, Drafts
from tests.k8s.doctor.snapshots.variants import workloads

NO_ROOM = (
    "no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
)


def absent(image: str) -> Draft:
    return drills.not_pulled(image, f"{image}: not found")


def plain_http() -> Draft:
    image = "10.10.0.1:5000/web:v1"
    asked = f'failed to do request: Head "https://{image.replace("/", "/v2/").replace(":v1", "/manifests/v1")}"'
    return drills.not_pulled(image, f"{asked}: http: server gave HTTP response to HTTPS client")


def credentials_absent() -> Draft:
    answer = "pull access denied, repository does not exist or may require authorization: no basic auth credentials"
    draft = drills.not_pulled("localhost:5001/web:v1", answer).each_pod_spec(imagePullSecrets=[{"name": "regcred"}])
    message = "Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed."
    return draft.event("FailedToRetrieveImagePullSecret", message)


def restarted_by_liveness_and_ready() -> Draft:
    """Ready between two restarts by its liveness probe."""
    draft = Draft("healthy").ended(137, "Error", ago=20, ran=12, restarts=6)
    draft.event("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 404", count=12, ago=20)
    draft.event("Killing", "Container cifar10 failed liveness probe, will be restarted", type="Normal", ago=22)
    return draft.running(seconds=19, ready=True)


def slow_start(kind: str) -> Draft:
    """It is ready, after a start of one minute."""
    draft = Draft("healthy").running(seconds=100, ready=True)
    draft.condition("Pod", "Ready", lastTransitionTime=draft.time(38))
    draft.event("Unhealthy", f"{kind} probe failed: {drills.connection_refused()}", count=28, ago=39)
    draft.events[-1]["firstTimestamp"] = draft.time(98)
    return draft


def startup_probe_by_https() -> Draft:
    return drills.killed_by_startup_probe(
        'Get "https://10.85.0.11:8000/": http: server gave HTTP response to HTTPS client'
    )


def listens_elsewhere() -> Draft:
    return drills.startup_too_slow().log().log_before("Serving HTTP on 127.0.0.1 port 8000 ...")


def hook_fails() -> Draft:
    draft = Draft("crash-wrong-entry").without_events().ended(137, "Error", ran=1)
    return draft.event("FailedPostStartHook", "PostStartHook failed")


def interpreter_absent() -> Draft:
    draft = Draft("crash-wrong-entry").ended(255, "Error", ran=0)
    return draft.log_before("exec /app/run.sh: no such file or directory")


def rollout_under_way() -> Draft:
    """The old pod serves, and the new one has just started."""
    draft = workloads.with_bad_image().without_events().running(seconds=2, ready=False)
    draft.one("Deployment")["status"].update(replicas=2, updatedReplicas=1, readyReplicas=1, availableReplicas=1)
    draft.rolling_out("is progressing")
    return draft.event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", count=1, ago=1)


def not_available_yet() -> Draft:
    """Ready, but not yet available because of minReadySeconds."""
    draft = Draft("healthy")
    draft.one("Deployment")["spec"]["minReadySeconds"] = 300
    draft.one("Deployment")["status"].update(availableReplicas=0, unavailableReplicas=1)
    return draft


def stalled_without_events() -> Draft:
    """The events have expired, and the progress deadline has passed."""
    draft = drills.config_map_volume_missing().without_events()
    draft.now = draft.now.replace(year=draft.now.year - 1)
    return draft


def stalled_unready() -> Draft:
    draft = Draft("readiness-failing").without_events().log().running(seconds=38, ready=False)
    return draft.condition("Deployment", "Progressing", status="False", reason="ProgressDeadlineExceeded")


def node_silent() -> Draft:
    """Without permission to read nodes."""
    draft = Draft("healthy")
    draft.items = [each for each in draft.items if each["kind"] != "Node"]
    draft.condition("Pod", "Ready", status="False")
    draft.one("Deployment")["status"].update(readyReplicas=0, availableReplicas=0)
    return draft.event("NodeNotReady", "Node is not ready", count=1, container="")


def unschedulable(why: str, *, tainted: str = "") -> Draft:
    draft = Draft("unschedulable-cpu").without_events()
    draft.unschedulable(f"0/1 nodes are available: {why}. {NO_ROOM}")
    if tainted:
        draft.one("Node")["spec"]["taints"] = [{"key": tainted, "effect": "NoSchedule"}]
    return draft


def evicted_for_its_disk() -> Draft:
    draft = Draft("evicted-empty-dir").without_events()
    for each in draft.items:
        if each.get("status", {}).get("reason") == "Evicted":
            each["status"]["message"] = 'Container cifar10 exceeded its local ephemeral storage limit "10Mi". '
    return draft


def held_by_a_finalizer() -> Draft:
    draft = Draft("healthy")
    over = {**draft.pod, "metadata": {**draft.pod["metadata"], "name": "over", "uid": "over"}}
    over["metadata"] |= {"deletionTimestamp": draft.time(30), "deletionGracePeriodSeconds": 5, "finalizers": ["a/b"]}
    over["status"] = {"phase": "Failed"}
    draft.items.append(over)
    return draft


def probe_knows_the_port() -> Draft:
    """The port is not declared but probed."""
    draft = Draft("healthy").each_container(readinessProbe={"httpGet": {"path": "/", "port": 9000}})
    draft.one("Service")["spec"]["ports"][0]["targetPort"] = 9000
    return draft


def told_to_end_perhaps() -> Draft:
    """Exit code 0 with a liveness probe and no event."""
    return Draft("liveness-failing").without_events().log().log_before().ended(0, "Completed", ran=12)


def cannot_write_but_runs() -> Draft:
    return Draft("readiness-failing").log("OSError: [Errno 30] Read-only file system: '/app/cache'")


def weights_cannot_be_read() -> Draft:
    draft = Draft("crash-wrong-entry").ended(1, "Error").log()
    return draft.log_before("RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central dir")


LOOKALIKES: Drafts = {
    "an image called like an error": ("image-not-found", lambda: absent("localhost:5000/x509:toomanyrequests")),
    "an image in a folder called like an error": (
        "image-not-found",
        lambda: absent("localhost:5000/forbidden/timeout:v1"),
    ),
    "a digest": ("image-not-found", lambda: absent(f"localhost:5000/cifar-api-cpu@sha256:{'0' * 64}")),
    "a registry of plain HTTP": ("registry-unreachable", plain_http),
    "a pull secret that is absent": ("image-pull-unauthorized", credentials_absent),
    "killed by liveness, ready for now": ("liveness-failing", restarted_by_liveness_and_ready),
    "a slow start, by the readiness probe": ("healthy", lambda: slow_start("Readiness")),
    "a slow start, by the startup probe": ("healthy", lambda: slow_start("Startup")),
    "a startup probe by HTTPS": ("startup-failing", startup_probe_by_https),
    "a server that listens on 127.0.0.1": ("startup-too-slow", listens_elsewhere),
    "a postStart hook": ("container-start-failed", hook_fails),
    "a script without its interpreter": ("executable-not-found", interpreter_absent),
    "a read-only file system, still running": ("file-system-read-only", cannot_write_but_runs),
    "weights that can't be read": ("model-damaged", weights_cannot_be_read),
    "a rollout under way beside old pods": ("in-progress", rollout_under_way),
    "ready, not available yet": ("in-progress", not_available_yet),
    "a volume, events expired": ("unknown", stalled_without_events),
    "readiness, events expired": ("readiness-failing", stalled_unready),
    "a node that is silent": ("node-not-ready", node_silent),
    "taints that are only counted": ("unschedulable", lambda: unschedulable("1 node(s) had untolerated taint(s)")),
    "taints that are only counted, of a sick node": (
        "node-under-pressure",
        lambda: unschedulable("1 node(s) had untolerated taint(s)", tainted="node.kubernetes.io/disk-pressure"),
    ),
    "no volume to bind": (
        "volume-claim-pending",
        lambda: unschedulable("1 node(s) didn't find available persistent volumes to bind"),
    ),
    "a volume elsewhere": (
        "unschedulable",
        lambda: unschedulable("1 node(s) didn't match PersistentVolume's node affinity"),
    ),
    "cpu and memory": ("unschedulable", lambda: unschedulable("1 Insufficient cpu, 1 Insufficient memory")),
    "evicted for its disk": ("evicted", evicted_for_its_disk),
    "a finalizer": ("pod-stuck-terminating", held_by_a_finalizer),
    "a targetPort that a probe knows": ("healthy", probe_knows_the_port),
    "exit 0, perhaps by liveness": ("container-completed", told_to_end_perhaps),
}
