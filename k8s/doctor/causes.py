"""All causes, with their meaning and the usual remedy, ordered from root cause to symptom."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The state of a workload according to its verdict."""

    FAULT = "fault"
    FINE = "fine"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Cause:
    """``meaning`` and ``remedy`` are one sentence each."""

    id: str
    meaning: str
    remedy: str
    kind: Kind = Kind.FAULT


HEALTHY = Cause("healthy", "All pods run and are ready", "", Kind.FINE)
IN_PROGRESS = Cause("in-progress", "A start or a rollout is in progress, without a fault so far", "Wait", Kind.FINE)
UNKNOWN = Cause("unknown", "Something is wrong, but the data does not show the cause", "See the evidence", Kind.UNKNOWN)

CAUSES = (
    Cause("node-not-ready", "The node of the pods is not ready", "Repair or drain the node"),
    Cause("node-under-pressure", "The node is short of memory, disk or process ids", "Free resources, or add a node"),
    Cause("quota-exceeded", "A ResourceQuota leaves no room for the pods", "Request less, or raise the quota"),
    Cause("limit-range-violated", "A LimitRange forbids the pods' resources", "Stay within the range"),
    Cause(
        "pod-security-rejected",
        "The namespace's Pod Security level forbids the pods",
        "Set the required securityContext",
    ),
    Cause("admission-webhook-unreachable", "A webhook that must admit the pods can't be reached", "Repair the webhook"),
    Cause("admission-webhook-denied", "A webhook or policy denies the pods", "Follow its message"),
    Cause("service-account-missing", "The pods' ServiceAccount does not exist", "Create it"),
    Cause("pod-refused", "The API server rejects the pods", "Follow its message"),
    Cause(
        "volume-claim-pending",
        "A PersistentVolumeClaim is missing or not bound",
        "Correct the claim or its class",
    ),
    Cause("scheduling-gated", "Scheduling gates block the pods", "Remove the gates"),
    Cause("unschedulable", "No node satisfies the pods' requirements", "Request less, or add a node"),
    Cause("pod-rejected-by-node", "The kubelet rejected the pods", "Request what the node has"),
    Cause(
        "evicted",
        "Pods were evicted: the node is short of resources, or they exceeded a limit",
        "Raise the limit, or use less",
    ),
    Cause("volume-config-missing", "The ConfigMap, Secret or key of a volume is missing", "Create it"),
    Cause("volume-not-mounted", "A volume can't be attached or mounted", "See the event's message"),
    Cause("sandbox-not-created", "The node can't set up the pods' network", "Repair the network plugin"),
    Cause("image-name-invalid", "The image's name is invalid", "Correct it"),
    Cause("image-not-present", "imagePullPolicy is Never, and the image is not on the node", "Load it onto the node"),
    Cause("image-wrong-platform", "The image is not built for the node's platform", "Build it for that platform"),
    Cause("image-rate-limited", "The registry limits the rate of pulls", "Log in, or use a mirror"),
    Cause("image-pull-unauthorized", "The registry requires valid credentials", "Add an imagePullSecret"),
    Cause("registry-unreachable", "The node can't reach the registry", "Check name, DNS, proxy and certificate"),
    Cause("image-not-found", "The registry has no such image or tag", "Roll back, or set a tag that exists"),
    Cause("image-pull-failed", "The image can't be pulled, for an unknown reason", "See the kubelet's log"),
    Cause("config-missing", "The ConfigMap, Secret or key of a variable is missing", "Create it"),
    Cause("user-not-numeric", "runAsNonRoot requires a numeric user other than 0", "Set runAsUser"),
    Cause("container-not-created", "The runtime can't create the container", "See the message"),
    Cause("executable-not-found", "The program to start is not in the image", "Correct the command"),
    Cause("executable-not-runnable", "The program to start is not executable", "chmod +x in the Dockerfile"),
    Cause("container-start-failed", "The runtime can't start the container", "See the message"),
    Cause("out-of-memory", "A container exceeds its memory limit", "Raise the limit, or use less"),
    Cause("setting-refused", "The program rejects its configuration (exit code 78)", "Correct the named setting"),
    Cause(
        "gunicorn-app-not-loaded",
        "gunicorn can't load the application (exit codes 3 and 4)",
        "Correct module:attribute",
    ),
    Cause("command-line-refused", "The program rejects its arguments", "Correct args"),
    Cause("port-in-use", "The port to listen on is in use", "Choose another"),
    Cause("file-system-read-only", "The program writes to a read-only file system", "Mount an emptyDir there"),
    Cause(
        "model-damaged",
        "The model does not match its card, so the server stays unready",
        "Deploy the right model",
    ),
    Cause("init-container-failed", "An init container fails, and the other containers wait for it", "See its log"),
    Cause("application-crashed", "The program exits with an error", "See the end of its log"),
    Cause("container-completed", "The program exits without an error, but should keep running", "Correct the command"),
    Cause("probe-port-wrong", "A probe requests a port that nothing listens on", "Correct the port"),
    Cause(
        "cpu-throttled",
        "A low CPU limit slows the container down; inferred, because the API does not show it",
        "Raise the limit",
    ),
    Cause("startup-failing", "The startup probe never gets a successful response", "Correct its path"),
    Cause("startup-too-slow", "The container does not start within the startup probe's time", "Raise failureThreshold"),
    Cause("liveness-failing", "The liveness probe fails, and the container is restarted repeatedly", "Correct it"),
    Cause("readiness-failing", "The container runs but is not ready, so it gets no requests", "See the probe's result"),
    Cause("killed", "A signal ended the container, for an unknown reason", "Check memory and probes"),
    Cause("job-failed", "A Job has failed and is not retried", "Fix the error, run it again"),
    Cause("init-container-waiting", "An init container does not finish", "See what it waits for"),
    Cause("scaled-to-zero", "The workload is scaled to zero", "Scale it up"),
    Cause("rollout-paused", "The rollout is paused", "Resume the rollout"),
    Cause("service-selects-nothing", "A Service's selector matches no pod", "Correct the selector"),
    Cause("service-port-wrong", "A Service's target port does not exist in the pods", "Correct targetPort"),
    Cause("ingress-class-missing", "No controller serves the Ingress' class", "Name an existing class"),
    Cause("ingress-backend-missing", "The Service or port of an Ingress does not exist", "Correct the name"),
    Cause("network-policy-blocks-traffic", "A NetworkPolicy blocks all requests", "Open the port"),
    Cause("autoscaler-target-missing", "The target of a HorizontalPodAutoscaler does not exist", "Correct the name"),
    Cause("autoscaler-no-metrics", "A HorizontalPodAutoscaler has no metrics", "Install metrics-server, set requests"),
    Cause(
        "service-monitor-selects-nothing",
        "A ServiceMonitor matches no Service, or no port of it",
        "Correct its selector",
    ),
    Cause("service-monitor-not-selected", "No Prometheus selects the ServiceMonitor", "Add the required label"),
    Cause("network-policy-blocks-scrapes", "A NetworkPolicy blocks Prometheus' scrapes", "Open the metrics' port"),
    Cause("readiness-flapping", "A probe of a ready container fails intermittently", "Raise its timeout"),
    Cause("pod-stuck-terminating", "A pod does not terminate", "See what blocks it"),
    UNKNOWN,
    IN_PROGRESS,
    HEALTHY,
)


def by_id(id_: str) -> Cause:
    return next(each for each in CAUSES if each.id == id_)


def rank(id_: str) -> int:
    """The lower the rank, the closer to the root cause."""
    return next(index for index, each in enumerate(CAUSES) if each.id == id_)


def table() -> str:
    """All causes, as a Markdown table."""
    rows = [f"| `{each.id}` | {each.meaning} | {each.remedy} |" for each in CAUSES]
    return "\n".join(["| cause | meaning | what usually helps |", "|---|---|---|", *rows])
