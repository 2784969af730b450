"""Images that cannot be pulled, by the messages of runtimes and registries."""

import json
import re
from collections.abc import Iterator

from k8s.doctor import commands
from k8s.doctor.fields import listed, text
from k8s.doctor.finding import HIGH, LOW, MEDIUM, Evidence, Finding
from k8s.doctor.pods import Container
from k8s.doctor.pulls import classify, network, registry, without_tag
from k8s.doctor.workloads import Workload

WAITING = (
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
)


def diagnose(workload: Workload) -> Iterator[Finding]:
    for container in workload.alive_containers:
        if container.waiting in WAITING:
            yield _explain(workload, container)


def pull_message(container: Container) -> tuple[str, str]:
    """The error of the pull, and where it is: the waiting message, or an event before Kubernetes 1.32."""
    message = container.waiting_message
    if classify(message) != "image-pull-failed":
        return message, f"{container.status_path}.state.waiting.message"
    events = container.events("Failed", "InspectFailed", "ErrImageNeverPull")
    for event in reversed(events):
        if not event.message.startswith("Error: ") and classify(event.message) != "image-pull-failed":
            return event.message, event.field
    telling = [each for each in events if each.message.startswith("Failed to pull")]
    if telling:
        return telling[-1].message, telling[-1].field
    return message, f"{container.status_path}.state.waiting.message"


def _explain(workload: Workload, container: Container) -> Finding:
    message, place = pull_message(container)
    cause = {"InvalidImageName": "image-name-invalid", "ErrImageNeverPull": "image-not-present"}.get(container.waiting)
    cause = cause or classify(message)
    evidence = [
        Evidence(container.pod.ref, f"{container.status_path}.state.waiting.reason", container.waiting),
        Evidence(container.pod.ref, place, message),
        Evidence(container.pod.ref, f"{container.spec_path}.image", container.image),
    ]
    if policy := text(container.spec, "imagePullPolicy"):
        evidence.append(Evidence(container.pod.ref, f"{container.spec_path}.imagePullPolicy", policy))
    for event in container.pod.events("FailedToRetrieveImagePullSecret")[-1:]:
        evidence.append(Evidence(container.pod.ref, f"event {event.reason}", event.message))
    confidence = HIGH
    if cause == "image-pull-failed":
        confidence = LOW if container.waiting == "ImagePullBackOff" else MEDIUM
    elif cause == "image-pull-unauthorized" and "may require authorization" in message:
        confidence = MEDIUM  # registries say the same of what does not exist
    return Finding(
        cause,
        _sentence(cause, container, message),
        confidence,
        tuple(evidence),
        next=(commands.describe(workload, container.pod.ref),),
        fix=_fix(cause, workload, container, message),
        pods=(container.pod.name,),
        old=container.pod.old,
    )


def _sentence(cause: str, container: Container, message: str) -> str:
    image = f"image {container.image} of {container.described}"
    host = registry(container.image)
    absent = _absent_secrets(container)
    match cause:
        case "image-name-invalid":
            return f"The name of {image} is not a valid image name."
        case "image-not-present":
            return f"The {image} is not on the node, and imagePullPolicy Never forbids to pull it."
        case "image-wrong-platform":
            return f"The {image} has no build for the node's platform."
        case "image-rate-limited":
            return f"The registry {host} limits the rate of pulls, and refuses the {image} for now."
        case "image-pull-unauthorized":
            maybe = (
                " Or it does not exist: this registry answers both the same." if "may require auth" in message else ""
            )
            why = f"the pull secret {absent} does not exist" if absent else "credentials are missing or wrong"
            return f"The registry {host} does not let the node pull the {image}: {why}.{maybe}"
        case "registry-unreachable":
            return f"The node gets no answer of use from the registry {host} for the {image}: {network(message)[0]}."
        case "image-not-found":
            return f"The {image} does not exist in the registry {host}."
    return f"The {image} can't be pulled, and what is left to read does not say why."


def _absent_secrets(container: Container) -> str:
    """Names of the pod's pull secrets that do not exist."""
    events = container.pod.events("FailedToRetrieveImagePullSecret")[-1:]
    found = re.search(r"\(([^)]+)\)", events[0].message) if events else None
    return found[1] if found else ""


def _fix(cause: str, workload: Workload, container: Container, message: str) -> tuple[str, ...]:
    image = container.image
    bare = without_tag(image)
    wanted = commands.set_image(workload, container, f"{bare}:<tag>")
    local = f"kind load docker-image {image}   # or: minikube image load {image}, where it was built on this machine"
    match cause:
        case "image-name-invalid":
            valid = commands.set_image(workload, container, f"{bare.lower()}:<tag>")
            return commands.back(workload, container.pod, valid)
        case "image-not-present":
            return (local, *commands.back(workload, container.pod, wanted))
        case "image-pull-unauthorized" | "image-rate-limited":
            names = [text(each, "name") for each in listed(container.pod.obj, "spec", "imagePullSecrets")]
            account = text(container.pod.obj, "spec", "serviceAccountName") or "default"
            name = names[0] if names else "registry-login"
            create = (
                f"kubectl create secret docker-registry {name} --docker-server={registry(image)} "
                f"--docker-username=<user> --docker-password=<password>{workload.flag}"
            )
            change = json.dumps({"imagePullSecrets": [{"name": name}]})
            use = f"kubectl patch serviceaccount {account} -p '{change}'{workload.flag}"
            both = (create,) if names else (create, use)
            return (*both, local) if registry(image) == "docker.io" else both
        case "registry-unreachable":
            host = registry(image)
            return commands.back(workload, container.pod, network(message)[1].format(host, host.rsplit(":", 1)[0]))
        case "image-wrong-platform":
            return commands.back(
                workload, container.pod, f"docker buildx build --platform linux/amd64,linux/arm64 -t {image} --push ."
            )
    return commands.back(workload, container.pod, wanted)
