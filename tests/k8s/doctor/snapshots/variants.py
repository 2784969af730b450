"""What else a cluster shows: other faults, other kinds of workloads, several at once, and noise that is no fault."""

from collections.abc import Callable
from typing import Any

from tests.k8s.doctor.snapshots import drills
from tests.k8s.doctor.snapshots.draft import Draft

BACK_OFF = 'Back-off pulling image "localhost:5000/cifar-api-cpu:wrong-v1"'


def pull_error_in_events_only() -> Draft:
    """Before Kubernetes 1.32."""
    return Draft("image-tag-not-found").waiting("ImagePullBackOff", BACK_OFF)


def pull_error_expired() -> Draft:
    """Before Kubernetes 1.32, an hour later."""
    return Draft("image-tag-not-found").waiting("ImagePullBackOff", BACK_OFF).without_events("Failed")


def pull_secret_absent() -> Draft:
    draft = drills.image_private_registry().each_pod_spec(imagePullSecrets=[{"name": "regcred"}])
    message = "Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed."
    return draft.event("FailedToRetrieveImagePullSecret", message, container="")


def secret_missing() -> Draft:
    return Draft("config-map-missing").without_events().waiting("CreateContainerConfigError", 'secret "db" not found')


def key_missing() -> Draft:
    message = "couldn't find key LEVEL in ConfigMap default/cifar10-config"
    return Draft("config-map-missing").without_events().waiting("CreateContainerConfigError", message)


def user_by_name() -> Draft:
    message = "container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root"
    return Draft("run-as-non-root").without_events().waiting("CreateContainerConfigError", message)


def volume_key_missing() -> Draft:
    draft = drills.config_map_volume_missing().without_events()
    message = 'MountVolume.SetUp failed for volume "settings" : configmap references non-existent config key: a.toml'
    return draft.event("FailedMount", message, container="")


def volume_missing_without_events() -> Draft:
    """The ConfigMaps that are there were read."""
    return drills.config_map_volume_missing().without_events().add("ConfigMap", "kube-root-ca.crt", {})


def claim_missing() -> Draft:
    draft = Draft("unschedulable-cpu").without_events()
    message = '0/1 nodes are available: persistentvolumeclaim "models" not found. not found'
    draft.pod["status"]["conditions"][0]["message"] = message
    return draft


def tainted() -> Draft:
    draft = Draft("unschedulable-cpu").without_events()
    message = "0/1 nodes are available: 1 node(s) had untolerated taint {gpu: yes}. preemption: 0/1 nodes are available"
    draft.pod["status"]["conditions"][0]["message"] = message
    return draft


def disk_pressure() -> Draft:
    draft = Draft("unschedulable-cpu").without_events()
    message = "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }."
    draft.pod["status"]["conditions"][0]["message"] = message
    return draft


def host_port_taken() -> Draft:
    draft = Draft("unschedulable-cpu").without_events()
    draft.pod["status"]["conditions"][0]["message"] = (
        "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
    )
    return draft


def node_down() -> Draft:
    draft = Draft("healthy")._unready()
    for each in draft.one("Node")["status"]["conditions"]:
        if each["type"] == "Ready":
            each.update(status="Unknown", reason="NodeStatusUnknown", message="Kubelet stopped posting node status.")
    return draft


def _refused(message: str) -> Draft:
    draft = drills.quota_exceeded()
    for kind in ("Deployment", "ReplicaSet"):
        for each in draft.one(kind)["status"]["conditions"]:
            if each["type"] == "ReplicaFailure":
                each["message"] = message
    return draft


def quota_wants_limits() -> Draft:
    return _refused('pods "web-1" is forbidden: failed quota: small: must specify limits.cpu for: cifar10')


def webhook_denies() -> Draft:
    return _refused('admission webhook "policy.example.com" denied the request: image is not signed')


def webhook_down() -> Draft:
    return _refused(
        'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post '
        '"https://policy.kube-system.svc:443/": dial tcp 10.96.0.9:443: connect: connection refused'
    )


def service_account_missing() -> Draft:
    return _refused(
        'pods "web-1" is forbidden: error looking up service account default/web: serviceaccount "web" not found'
    )


def limit_range() -> Draft:
    return _refused('pods "web-1" is forbidden: maximum memory usage per Container is 64Mi, but limit is 128Mi')


def liveness_by_exit_0() -> Draft:
    """gunicorn ends politely when it is told to."""
    return Draft("liveness-failing").ended(0, "Completed", ran=12, ago=11, restarts=6)


def liveness_port_not_named() -> Draft:
    draft = Draft("readiness-failing").without_events()
    draft.each_container(readinessProbe={"httpGet": {"path": "/", "port": "htp"}, "periodSeconds": 2})
    message = 'Readiness probe errored and resulted in unknown state: strconv.Atoi: parsing "htp": invalid syntax'
    return draft.event("Unhealthy", message, count=50)


def startup_probe_of_wrong_path() -> Draft:
    draft = drills.startup_too_slow().without_events()
    draft.event("Unhealthy", "Startup probe failed: HTTP probe failed with statuscode: 404", count=45)
    return draft.event("Killing", "Container cifar10 failed startup probe, will be restarted", type="Normal", count=3)


def exit_3_without_log() -> Draft:
    draft = Draft("crash-wrong-entry").without_events("Unhealthy").ended(3, "Error").log().log_before()
    return draft.each_container(command=["gunicorn", "nope:app"])


def exit_4() -> Draft:
    draft = (
        Draft("crash-wrong-entry")
        .ended(4, "Error")
        .log(
            "[2026-11-23 09:50:01 +0000] [7] [ERROR] Failed to find attribute 'ap' in 'service.app'.",
            "[2026-11-23 09:50:01 +0000] [1] [ERROR] Reason: App failed to load.",
        )
    )
    draft.previous = draft.logs
    return draft


def port_taken() -> Draft:
    draft = Draft("crash-wrong-entry").ended(1, "Error").log("[ERROR] Connection in use: ('0.0.0.0', 8000)")
    draft.previous = draft.logs
    return draft


def bad_flag() -> Draft:
    draft = (
        Draft("crash-wrong-entry")
        .ended(2, "Error")
        .log("usage: gunicorn [OPTIONS] [APP_MODULE]", "gunicorn: error: unrecognized arguments: --worker 2")
    )
    draft.previous = draft.logs
    return draft


def exit_0() -> Draft:
    return Draft("crash-wrong-entry").ended(0, "Completed").log().log_before()


def shell_finds_nothing() -> Draft:
    draft = Draft("crash-wrong-entry").ended(127, "Error").log("sh: 1: gunicron: not found")
    draft.previous = draft.logs
    return draft


def segmentation_fault() -> Draft:
    return Draft("crash-wrong-entry").ended(139, "Error").log().log_before()


def worker_killed() -> Draft:
    line = "[ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?"
    draft = Draft("crash-wrong-entry").without_events("Unhealthy").ended(137, "Error", ran=1)
    draft.log(line).log_before(line)
    return draft


def killed_by_nobody_known() -> Draft:
    draft = Draft("crash-wrong-entry").without_events().ended(137, "Error", ran=1).log().log_before()
    return draft.each_container(livenessProbe={}, startupProbe={})


def _init(state: dict[str, Any], **more: Any) -> Draft:
    draft = Draft("healthy").without_events().log().waiting("PodInitializing")
    draft.pod["status"]["phase"] = "Pending"
    draft.each_pod_spec(initContainers=[{"name": "fetch", "image": "localhost:5000/fetch:v1"}])
    draft.pod["status"]["initContainerStatuses"] = [
        {"name": "fetch", "ready": False, "restartCount": 4, **state, **more}
    ]
    return draft


def init_crashes() -> Draft:
    end = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-11-23T09:50:00Z"}}
    draft = _init({"state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}, "lastState": end})
    return draft.log_before("wget: bad address 'models.example.com'")


def init_image_absent() -> Draft:
    message = 'Back-off pulling image "x": ErrImagePull: reading manifest v1 in localhost:5000/fetch: manifest unknown'
    return _init({"state": {"waiting": {"reason": "ImagePullBackOff", "message": message}}}, restartCount=0)


def init_waits() -> Draft:
    return _init({"state": {"running": {"startedAt": "2026-11-23T09:40:00Z"}}}, restartCount=0)


def sidecar_crashes() -> Draft:
    end = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-11-23T09:50:00Z"}}
    draft = _init({"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": end})
    for spec in (draft.pod["spec"], draft.one("Deployment")["spec"]["template"]["spec"]):
        spec["initContainers"][0]["restartPolicy"] = "Always"
    return draft


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


def rollout_with_bad_image() -> Draft:
    return with_old_pods(lambda: Draft("image-tag-not-found"))


def bad_image_and_bad_selector() -> Draft:
    draft = Draft("image-tag-not-found")
    draft.one("Service")["spec"]["selector"] = {"app": "other"}
    return draft


def _as(draft: Draft, kind: str) -> Draft:
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


def service_number_wrong() -> Draft:
    draft = Draft("healthy")
    draft.one("Service")["spec"]["ports"][0]["targetPort"] = 8080
    return draft


def backend_missing() -> Draft:
    draft = drills.ingress_class_missing()
    ingress = draft.one("Ingress")
    ingress["spec"]["ingressClassName"] = "nginx"
    ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["port"] = {"name": "web"}
    return draft


def denies_all() -> Draft:
    spec = {"podSelector": {}, "policyTypes": ["Ingress"]}
    return Draft("healthy").add("NetworkPolicy", "deny-all", spec)


def not_selected_by_prometheus() -> Draft:
    draft = drills._monitored({"app": "cifar10"})
    spec = {"serviceMonitorSelector": {"matchLabels": {"release": "stack"}}}
    return draft.add("Prometheus", "stack", spec, metadata={"namespace": "monitoring"})


def hpa_without_metrics() -> Draft:
    reference = {"kind": "Deployment", "name": "cifar10-deployment"}
    active = {
        "type": "ScalingActive",
        "status": "False",
        "reason": "FailedGetResourceMetric",
        "message": "failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned",
    }
    draft = Draft("healthy")
    return draft.add("HorizontalPodAutoscaler", "web", {"scaleTargetRef": reference}, status={"conditions": [active]})


def stuck_terminating() -> Draft:
    draft = Draft("healthy")
    draft.pod["metadata"].update(deletionTimestamp=draft.time(300), finalizers=["example.com/hold"])
    return draft


def turned_away() -> Draft:
    draft = Draft("healthy").without_events()._unready()
    draft.pod["status"].update(
        phase="Failed", reason="OutOfcpu", message="Pod was rejected: Node didn't have enough cpu"
    )
    return draft


def no_network() -> Draft:
    draft = drills.config_map_volume_missing().without_events().each_pod_spec(volumes=[])
    message = 'Failed to create pod sandbox: plugin type="calico" failed (add): error getting ClusterInformation'
    return draft.event("FailedCreatePodSandBox", message, container="")


def volume_attached_elsewhere() -> Draft:
    draft = drills.config_map_volume_missing().without_events()
    message = 'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node'
    return draft.event("FailedAttachVolume", message, container="")


def name_reserved() -> Draft:
    message = 'failed to reserve container name "cifar10_0": name is reserved for "1f2e"'
    return Draft("config-map-missing").without_events().waiting("CreateContainerError", message)


def priority_class_missing() -> Draft:
    return _refused('pods "web-1" is forbidden: no PriorityClass with name high was found')


def gated() -> Draft:
    draft = Draft("unschedulable-cpu").without_events().each_pod_spec(schedulingGates=[{"name": "example.com/quota"}])
    draft.pod["status"]["conditions"][0].update(reason="SchedulingGated", message="Scheduling is blocked")
    return draft


def hpa_of_nothing() -> Draft:
    reference = {"kind": "Deployment", "name": "cifar10-deploy"}
    return Draft("healthy").add("HorizontalPodAutoscaler", "web", {"scaleTargetRef": reference}, status={})


def flapping() -> Draft:
    message = f"Readiness probe failed: {drills.TIMEOUT}"
    return Draft("healthy").event("Unhealthy", message, count=12, ago=5)


def job_failed() -> Draft:
    draft = _as(Draft("crash-wrong-entry"), "Job")
    draft.pod["status"]["phase"] = "Failed"
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too many"}
    draft.one("Job")["status"] = {"conditions": [failed]}
    return draft


def pod_that_ended() -> Draft:
    draft = _as(Draft("crash-wrong-entry"), "Pod")
    draft.pod["spec"]["restartPolicy"] = "Never"
    draft.pod["status"]["phase"] = "Failed"
    draft.status.update(state=draft.status["lastState"], lastState={})
    return draft


def slow_but_ready() -> Draft:
    draft = Draft("healthy").each_container(resources={"limits": {"cpu": "10m"}})
    return draft.event("Unhealthy", f"Startup probe failed: {drills.TIMEOUT}", count=7, ago=60)


def nobody_knows() -> Draft:
    draft = Draft("readiness-failing").without_events().log()
    draft.pod["status"].pop("containerStatuses")
    draft.pod["status"]["phase"] = "Unknown"
    return draft


def just_started() -> Draft:
    """The startup probe finds nothing yet; that is what it is for."""
    draft = Draft("healthy").without_events().running(seconds=4, ready=False, started=False)
    draft.one("Deployment")["status"]["conditions"] = [
        {
            "type": "Progressing",
            "status": "True",
            "reason": "ReplicaSetUpdated",
            "message": "ReplicaSet is progressing.",
        }
    ]
    return draft.event(
        "Unhealthy", "Startup probe failed: " + drills.REFUSED.format(port=8000, path="/"), count=3, ago=1
    )


def still_pulling() -> Draft:
    draft = Draft("healthy").without_events().waiting("ContainerCreating")
    draft.pod["status"]["phase"] = "Pending"
    return draft.event("Pulling", 'Pulling image "localhost:5000/cifar-api-cpu:v1"', type="Normal", count=1, ago=40)


def old_pod_on_its_way_out() -> Draft:
    draft = with_old_pods(lambda: Draft("healthy"))
    old = draft.items[-1]
    old["metadata"]["deletionTimestamp"] = draft.time(-20)
    old["status"]["containerStatuses"][0]["ready"] = False
    return draft.event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", of=old, count=4)


def restarted_long_ago() -> Draft:
    draft = Draft("healthy")
    draft.status.update(
        restartCount=1,
        lastState={"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": draft.time(40000)}},
    )
    return draft


def probe_failed_at_first() -> Draft:
    message = "Startup probe failed: " + drills.REFUSED.format(port=8000, path="/")
    return Draft("healthy").event("Unhealthy", message, count=2, ago=129)


VARIANTS: dict[str, tuple[str, Callable[[], Draft]]] = {
    "pull error in events only": ("image-not-found", pull_error_in_events_only),
    "pull error expired": ("image-pull-failed", pull_error_expired),
    "pull secret absent": ("image-pull-unauthorized", pull_secret_absent),
    "secret missing": ("config-missing", secret_missing),
    "key missing": ("config-missing", key_missing),
    "user by name": ("user-not-numeric", user_by_name),
    "volume key missing": ("volume-config-missing", volume_key_missing),
    "volume missing, events expired": ("volume-config-missing", volume_missing_without_events),
    "claim missing": ("volume-claim-pending", claim_missing),
    "tainted nodes": ("unschedulable", tainted),
    "disk pressure": ("node-under-pressure", disk_pressure),
    "host port taken": ("unschedulable", host_port_taken),
    "node down": ("node-not-ready", node_down),
    "quota wants limits": ("quota-exceeded", quota_wants_limits),
    "webhook denies": ("admission-webhook-denied", webhook_denies),
    "webhook down": ("admission-webhook-unreachable", webhook_down),
    "service account missing": ("service-account-missing", service_account_missing),
    "limit range": ("limit-range-violated", limit_range),
    "liveness, ended with 0": ("liveness-failing", liveness_by_exit_0),
    "probe of a port that is not named": ("probe-port-wrong", liveness_port_not_named),
    "startup probe of a wrong path": ("startup-failing", startup_probe_of_wrong_path),
    "exit 3, no log": ("gunicorn-app-not-loaded", exit_3_without_log),
    "exit 4": ("gunicorn-app-not-loaded", exit_4),
    "port taken": ("port-in-use", port_taken),
    "bad flag": ("command-line-refused", bad_flag),
    "exit 0": ("container-completed", exit_0),
    "exit 127 of a shell": ("executable-not-found", shell_finds_nothing),
    "segmentation fault": ("application-crashed", segmentation_fault),
    "worker killed": ("out-of-memory", worker_killed),
    "killed by nobody known": ("killed", killed_by_nobody_known),
    "init container crashes": ("init-container-failed", init_crashes),
    "init container's image absent": ("image-not-found", init_image_absent),
    "init container waits": ("init-container-waiting", init_waits),
    "sidecar crashes": ("application-crashed", sidecar_crashes),
    "rollout with a bad image": ("image-not-found", rollout_with_bad_image),
    "bad image and bad selector": ("image-not-found", bad_image_and_bad_selector),
    "oom in a StatefulSet": ("out-of-memory", lambda: _as(Draft("oom-killed"), "StatefulSet")),
    "oom in a DaemonSet": ("out-of-memory", lambda: _as(Draft("oom-killed"), "DaemonSet")),
    "bad image in a bare pod": ("image-not-found", lambda: _as(Draft("image-tag-not-found"), "Pod")),
    "healthy StatefulSet": ("healthy", lambda: _as(Draft("healthy"), "StatefulSet")),
    "healthy bare pod": ("healthy", lambda: _as(Draft("healthy"), "Pod")),
    "scaled to zero": ("scaled-to-zero", scaled_to_zero),
    "paused": ("rollout-paused", paused),
    "targetPort is another number": ("service-port-wrong", service_number_wrong),
    "ingress names no port of the service": ("ingress-backend-missing", backend_missing),
    "policy denies all": ("network-policy-blocks-traffic", denies_all),
    "monitor without the release label": ("service-monitor-not-selected", not_selected_by_prometheus),
    "autoscaler without metrics": ("autoscaler-no-metrics", hpa_without_metrics),
    "stuck terminating": ("pod-stuck-terminating", stuck_terminating),
    "turned away by the node": ("pod-rejected-by-node", turned_away),
    "no network": ("sandbox-not-created", no_network),
    "volume attached elsewhere": ("volume-not-mounted", volume_attached_elsewhere),
    "container name reserved": ("container-not-created", name_reserved),
    "priority class missing": ("pod-refused", priority_class_missing),
    "scheduling gate": ("scheduling-gated", gated),
    "autoscaler of nothing": ("autoscaler-target-missing", hpa_of_nothing),
    "readiness fails now and then": ("readiness-flapping", flapping),
    "job failed": ("job-failed", job_failed),
    "a pod that ended for good": ("application-crashed", pod_that_ended),
    "slow but ready": ("cpu-throttled", slow_but_ready),
    "nobody knows": ("unknown", nobody_knows),
    "just started": ("in-progress", just_started),
    "still pulling": ("in-progress", still_pulling),
    "old pod on its way out": ("healthy", old_pod_on_its_way_out),
    "restarted long ago": ("healthy", restarted_long_ago),
    "probe failed at first": ("healthy", probe_failed_at_first),
}
"""Cause and builder by what it is."""
