"""Images that are not pulled."""

from tests.k8s.doctor.snapshots import drills
from tests.k8s.doctor.snapshots.draft import Draft, Drafts

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


VARIANTS: Drafts = {
    "pull error in events only": ("image-not-found", pull_error_in_events_only),
    "pull error expired": ("image-pull-failed", pull_error_expired),
    "pull secret absent": ("image-pull-unauthorized", pull_secret_absent),
}
