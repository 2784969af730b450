"""Containers that do not start: images, configuration, volumes and init containers."""

from typing import Any

from tests.k8s.doctor.snapshots import drills
from tests.k8s.doctor.snapshots.draft import Draft, Drafts

BACK_OFF = 'Back-off pulling image "localhost:5000/cifar-api-cpu:wrong-v1"'


def pull_error_in_events_only() -> Draft:
    """Before Kubernetes 1.32."""
    return Draft("image-tag-not-found").waiting("ImagePullBackOff", BACK_OFF)


def pull_error_expired() -> Draft:
    """Before Kubernetes 1.32, after the events have expired."""
    return Draft("image-tag-not-found").waiting("ImagePullBackOff", BACK_OFF).without_events("Failed")


def pull_secret_absent() -> Draft:
    draft = drills.image_private_registry().each_pod_spec(imagePullSecrets=[{"name": "regcred"}])
    message = "Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed."
    return draft.event("FailedToRetrieveImagePullSecret", message, container="")


def not_created(message: str, reason: str = "CreateContainerConfigError") -> Draft:
    return Draft("config-map-missing").without_events().waiting(reason, message)


def secret_missing() -> Draft:
    return not_created('secret "db" not found')


def key_missing() -> Draft:
    return not_created("couldn't find key LEVEL in ConfigMap default/cifar10-config")


def user_by_name() -> Draft:
    message = "container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root"
    return Draft("run-as-non-root").without_events().waiting("CreateContainerConfigError", message)


def name_reserved() -> Draft:
    message = 'failed to reserve container name "cifar10_0": name is reserved for "1f2e"'
    return not_created(message, "CreateContainerError")


def not_started(reason: str, message: str) -> Draft:
    return drills.config_map_volume_missing().without_events().event(reason, message, container="")


def volume_key_missing() -> Draft:
    message = 'MountVolume.SetUp failed for volume "settings" : configmap references non-existent config key: a.toml'
    return not_started("FailedMount", message)


def volume_missing_without_events() -> Draft:
    """The existing ConfigMaps were read."""
    return drills.config_map_volume_missing().without_events().add("ConfigMap", "kube-root-ca.crt", {})


def volume_attached_elsewhere() -> Draft:
    message = 'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node'
    return not_started("FailedAttachVolume", message)


def no_network() -> Draft:
    message = 'Failed to create pod sandbox: plugin type="calico" failed (add): error getting ClusterInformation'
    return not_started("FailedCreatePodSandBox", message).each_pod_spec(volumes=[])


END = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-11-23T09:50:00Z"}}


def init(**status: Any) -> Draft:
    draft = Draft("healthy").without_events().log().waiting("PodInitializing")
    draft.pod["status"]["phase"] = "Pending"
    draft.each_pod_spec(initContainers=[{"name": "fetch", "image": "localhost:5000/fetch:v1"}])
    draft.pod["status"]["initContainerStatuses"] = [{"name": "fetch", "ready": False, "restartCount": 4, **status}]
    return draft


def init_crashes() -> Draft:
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off"}
    return init(state={"waiting": waiting}, lastState=END).log_before("wget: bad address 'models.example.com'")


def init_image_absent() -> Draft:
    message = 'Back-off pulling image "x": ErrImagePull: reading manifest v1 in localhost:5000/fetch: manifest unknown'
    return init(state={"waiting": {"reason": "ImagePullBackOff", "message": message}}, restartCount=0)


def init_waits() -> Draft:
    return init(state={"running": {"startedAt": "2026-11-23T09:40:00Z"}}, restartCount=0)


def sidecar_crashes() -> Draft:
    draft = init(state={"waiting": {"reason": "CrashLoopBackOff"}}, lastState=END)
    for spec in (draft.pod["spec"], draft.one("Deployment")["spec"]["template"]["spec"]):
        spec["initContainers"][0]["restartPolicy"] = "Always"
    return draft


VARIANTS: Drafts = {
    "pull error in events only": ("image-not-found", pull_error_in_events_only),
    "pull error expired": ("image-pull-failed", pull_error_expired),
    "pull secret absent": ("image-pull-unauthorized", pull_secret_absent),
    "secret missing": ("config-missing", secret_missing),
    "key missing": ("config-missing", key_missing),
    "user by name": ("user-not-numeric", user_by_name),
    "container name reserved": ("container-not-created", name_reserved),
    "volume key missing": ("volume-config-missing", volume_key_missing),
    "volume missing, events expired": ("volume-config-missing", volume_missing_without_events),
    "no network": ("sandbox-not-created", no_network),
    "volume attached elsewhere": ("volume-not-mounted", volume_attached_elsewhere),
    "init container crashes": ("init-container-failed", init_crashes),
    "init container's image absent": ("image-not-found", init_image_absent),
    "init container waits": ("init-container-waiting", init_waits),
    "sidecar crashes": ("application-crashed", sidecar_crashes),
}
