"""Init containers and sidecars."""

from typing import Any

from tests.k8s.doctor.snapshots.draft import Draft, Drafts

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
    "init container crashes": ("init-container-failed", init_crashes),
    "init container's image absent": ("image-not-found", init_image_absent),
    "init container waits": ("init-container-waiting", init_waits),
    "sidecar crashes": ("application-crashed", sidecar_crashes),
}
