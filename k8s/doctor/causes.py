"""Every cause that the doctor knows: what it means and what usually mends it. The order is from root to symptom."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a verdict says of the workload as a whole."""

    FAULT = "fault"
    FINE = "fine"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Cause:
    """``meaning`` is one sentence; ``remedy`` what usually mends it."""

    id: str
    meaning: str
    remedy: str
    kind: Kind = Kind.FAULT


HEALTHY = Cause("healthy", "Everything that should run does, and is ready", "", Kind.FINE)
IN_PROGRESS = Cause("in-progress", "A start or a rollout is under way, and nothing is wrong so far", "Wait", Kind.FINE)
UNKNOWN = Cause("unknown", "Something is wrong, and what was read does not say why", "See what it lists", Kind.UNKNOWN)

CAUSES = (
    Cause("node-not-ready", "The node of the pods does not report, or is marked so", "Mend or drain the node"),
    Cause("node-under-pressure", "The node is short of memory, disk or process ids", "Free it, or add a node"),
    Cause("quota-exceeded", "A ResourceQuota leaves no room for the pods", "Ask for less, or raise the quota"),
    Cause("limit-range-violated", "A LimitRange forbids the pods' resources", "Keep within the range"),
    Cause(
        "pod-security-rejected",
        "The namespace's Pod Security level forbids the pods",
        "Set the securityContext it wants",
    ),
    Cause("admission-webhook-unreachable", "A webhook that has to admit pods can't be reached", "Mend the webhook"),
    Cause("admission-webhook-denied", "A webhook or policy denies the pods", "Do what its message says"),
    Cause("service-account-missing", "The pods' ServiceAccount does not exist", "Create it"),
    Cause("pod-refused", "The API server refuses to create the pods", "Do what its message says"),
    Cause(
        "volume-claim-pending",
        "A PersistentVolumeClaim is absent, or bound to no volume",
        "Mend the claim or its class",
    ),
    Cause("scheduling-gated", "Scheduling gates hold the pods back", "Lift the gates"),
    Cause("unschedulable", "No node has what the pods ask for", "Ask for less, or for what there is"),
    Cause("pod-rejected-by-node", "The kubelet turned the pods away", "Ask for what the node has"),
    Cause(
        "evicted", "The node threw pods out, for its own sake or for a limit of theirs", "Raise the limit, or use less"
    ),
    Cause("volume-config-missing", "A volume is made of a ConfigMap or Secret, or a key, that is absent", "Create it"),
    Cause("volume-not-mounted", "A volume can't be attached or mounted", "See the event's message"),
    Cause("sandbox-not-created", "The node can't set up the pods' network", "Mend the network plugin"),
    Cause("image-name-invalid", "The image's name is not a valid one", "Correct it"),
    Cause("image-not-present", "imagePullPolicy is Never, and the image is not on the node", "Load it onto the node"),
    Cause("image-wrong-platform", "The image is not built for the node's platform", "Build it for that, too"),
    Cause("image-rate-limited", "The registry limits the rate of pulls", "Log in, or use a mirror"),
    Cause("image-pull-unauthorized", "The registry wants credentials, or others", "Give an imagePullSecret"),
    Cause("registry-unreachable", "The node can't reach the registry", "Mend name, DNS, proxy or certificate"),
    Cause("image-not-found", "The registry has no such image or tag", "Roll back, or set a tag that exists"),
    Cause("image-pull-failed", "The image can't be pulled, and nothing left says why", "See the kubelet's log"),
    Cause("config-missing", "A ConfigMap or Secret, or a key, that variables come from is absent", "Create it"),
    Cause("user-not-numeric", "The user is root or a name, where runAsNonRoot wants a number above 0", "Set runAsUser"),
    Cause("container-not-created", "The runtime can't create the container", "See the message"),
    Cause("executable-not-found", "The program to start is not in the image", "Correct the command"),
    Cause("executable-not-runnable", "The program to start may not be executed", "chmod +x in the Dockerfile"),
    Cause("container-start-failed", "The runtime can't start the container", "See the message"),
    Cause("out-of-memory", "A container needs more memory than it may use", "Raise the limit, or use less"),
    Cause("setting-refused", "The program refuses its configuration (exit code 78)", "Correct the setting it names"),
    Cause(
        "gunicorn-app-not-loaded",
        "gunicorn can't load the application (exit codes 3 and 4)",
        "Correct module:attribute",
    ),
    Cause("command-line-refused", "The program does not understand its arguments", "Correct args"),
    Cause("port-in-use", "The port to listen on is taken", "Choose another"),
    Cause("file-system-read-only", "The program writes where it must not", "Mount an emptyDir there"),
    Cause(
        "model-damaged",
        "The model is not the one its card describes, so the service stays unready",
        "Ship the right one",
    ),
    Cause("init-container-failed", "An init container fails, and the others wait for it", "See its log"),
    Cause("application-crashed", "The program ends by itself with an error", "See the end of its log"),
    Cause("container-completed", "The program ends without an error, but should go on running", "Correct the command"),
    Cause("probe-port-wrong", "A probe asks on a port where nothing listens", "Name the right port"),
    Cause(
        "cpu-throttled",
        "A low CPU limit makes the container slow; a guess, the API does not show it",
        "Raise the limit",
    ),
    Cause("startup-failing", "The startup probe gets an answer that is never the right one", "Correct its path"),
    Cause(
        "startup-too-slow", "The container does not come up within the startup probe's time", "Raise failureThreshold"
    ),
    Cause("liveness-failing", "The liveness probe fails, and the container is restarted again and again", "Correct it"),
    Cause(
        "readiness-failing", "The container runs but is not ready, so it gets no requests", "See what the probe gets"
    ),
    Cause(
        "killed", "Somebody ended the container with a signal, and nothing left says who", "Compare memory and probes"
    ),
    Cause("job-failed", "A Job has failed for good", "Mend the error, run it again"),
    Cause("init-container-waiting", "An init container does not come to its end", "See what it waits for"),
    Cause("scaled-to-zero", "There should be no pods", "Scale it up"),
    Cause("rollout-paused", "Changes are not carried out", "Resume the rollout"),
    Cause("service-selects-nothing", "A Service's selector fits no pod", "Correct the selector"),
    Cause("service-port-wrong", "A Service sends to a port that the pods do not have", "Correct targetPort"),
    Cause("ingress-class-missing", "No controller carries out the Ingress' class", "Name one that exists"),
    Cause("ingress-backend-missing", "An Ingress leads to a Service or port that does not exist", "Correct the name"),
    Cause("network-policy-blocks-traffic", "A NetworkPolicy lets no request come in", "Open the port"),
    Cause("autoscaler-target-missing", "A HorizontalPodAutoscaler scales what does not exist", "Correct the name"),
    Cause("autoscaler-no-metrics", "A HorizontalPodAutoscaler has no metrics", "Install metrics-server, set requests"),
    Cause(
        "service-monitor-selects-nothing", "A ServiceMonitor fits no Service, or no port of it", "Correct its selector"
    ),
    Cause("service-monitor-not-selected", "No Prometheus takes the ServiceMonitor", "Give it the label that is wanted"),
    Cause(
        "network-policy-blocks-scrapes", "A NetworkPolicy keeps Prometheus from the metrics", "Open the metrics' port"
    ),
    Cause("readiness-flapping", "A probe of a ready container fails now and then", "Raise its timeout"),
    Cause("pod-stuck-terminating", "A pod does not come to its end", "See what holds it"),
    UNKNOWN,
    IN_PROGRESS,
    HEALTHY,
)


def by_id(id_: str) -> Cause:
    return next(each for each in CAUSES if each.id == id_)


def rank(id_: str) -> int:
    """The lower, the nearer to the root."""
    return next(index for index, each in enumerate(CAUSES) if each.id == id_)


def table() -> str:
    """All causes as a Markdown table."""
    rows = [f"| `{each.id}` | {each.meaning} | {each.remedy} |" for each in CAUSES]
    return "\n".join(["| cause | meaning | what usually helps |", "|---|---|---|", *rows])
