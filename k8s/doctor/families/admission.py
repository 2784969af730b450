"""Pods that the API server rejects: quotas, Pod Security, webhooks and missing references."""

import re
from collections.abc import Iterator

from k8s.doctor import commands
from k8s.doctor.fields import condition, kind, mapping, ref, text
from k8s.doctor.finding import HIGH, MEDIUM, Evidence, Finding
from k8s.doctor.workloads import Workload

FRESH = 300.0
"""Seconds for which an event without a condition counts as a rejection."""

TEXTS = (
    ("quota-exceeded", r"exceeded quota: ([^,\s]+)|failed quota: ([^:\s]+)"),
    ("pod-security-rejected", r'violates PodSecurity "?([^"\s]+)|unable to validate against any (?:pod )?security'),
    ("limit-range-violated", r"(?:maximum|minimum) (\S+) usage per|max limit to request ratio|limits? range"),
    ("admission-webhook-unreachable", r'failed calling webhook "([^"]+)"'),
    ("admission-webhook-denied", r'admission webhook "([^"]+)" denied|ValidatingAdmissionPolicy \'([^\']+)\'.* denied'),
    ("service-account-missing", r'serviceaccount "([^"]+)" not found|error looking up service account (\S+):'),
)


def diagnose(workload: Workload) -> Iterator[Finding]:
    for maker in workload.makers:
        failure = condition(maker, "ReplicaFailure")
        message, place = text(failure, "message"), f"status.conditions[ReplicaFailure], {text(failure, 'reason')}"
        if text(failure, "status") != "True" or not message:
            message, place = _from_events(workload)
        if message:
            yield _explain(workload, ref(maker), message, place)
            return


def _from_events(workload: Workload) -> tuple[str, str]:
    """For StatefulSets, DaemonSets and Jobs, which have no such condition; only while pods are missing."""
    if len(workload.alive) >= workload.desired and workload.kind != "Deployment":
        return "", ""
    for maker in workload.makers:
        for event in reversed(workload.cluster.events_of(maker, "FailedCreate")):
            ago = workload.cluster.seconds_since(event.last)
            current = sum(not pod.old for pod in workload.alive)
            if (ago is None or ago < FRESH) and current < max(workload.desired, 1):
                return event.message, f"event FailedCreate of {kind(maker)}, {event.count} times"
    return "", ""


def _explain(workload: Workload, maker: str, message: str, place: str) -> Finding:
    cause, subject = "pod-refused", ""
    for candidate, pattern in TEXTS:
        if match := re.search(pattern, message):
            cause, subject = candidate, next((group for group in match.groups() if group), "")
            break
    evidence = [Evidence(maker, place, message)]
    quota = workload.cluster.get("ResourceQuota", workload.namespace, subject)
    if cause == "quota-exceeded" and quota:
        hard, used = mapping(quota, "status", "hard"), mapping(quota, "status", "used")
        shown = ", ".join(f"{key}: {used.get(key, 0)} of {hard[key]}" for key in hard)
        evidence.append(Evidence(f"resourcequota/{subject}", "status", shown))
    evidence.append(Evidence(workload.ref, "pods", f"{len(workload.alive)} of {workload.desired} exist"))
    return Finding(
        cause,
        _sentence(cause, subject, message),
        MEDIUM if cause == "pod-refused" else HIGH,
        tuple(evidence),
        next=(commands.describe(workload, maker),),
        fix=_fix(cause, subject, workload),
    )


def _sentence(cause: str, subject: str, message: str) -> str:
    match cause:
        case "quota-exceeded":
            asked = re.search(r"requested: (.*?), used: (.*?), limited: (.*)", message)
            if asked:
                return (
                    f"The ResourceQuota {subject} leaves no room for the pod: it requests {asked[1]}, "
                    f"used are {asked[2]} of {asked[3]}."
                )
            rest = message.partition(f"{subject}: ")[2]
            return f"The ResourceQuota {subject} wants what the pod does not say: {rest or message}."
        case "pod-security-rejected":
            wanted = re.findall(r"([a-zA-Z ]+?)(?: [!=]+ [a-z]+)? \(", message)
            named = ", ".join(dict.fromkeys(each.strip() for each in wanted))
            level = subject or "that refuses the pod"
            return f"The namespace enforces the Pod Security level {level}; the pod violates it: {named}."
        case "limit-range-violated":
            return f"A LimitRange of the namespace forbids the pod's resources: {_reason(message)}."
        case "admission-webhook-unreachable":
            return f"The admission webhook {subject} can't be reached, and pods are refused until it can."
        case "admission-webhook-denied":
            return f"The admission webhook or policy {subject} denies the pod: {_reason(message)}."
        case "service-account-missing":
            return f"The ServiceAccount {subject} that the pod is to run as does not exist."
    return f"The API server refuses to create the pod: {_reason(message)}."


def _reason(message: str) -> str:
    return message.partition("is forbidden: ")[2] or message.removeprefix("Error creating: ")


def _fix(cause: str, subject: str, workload: Workload) -> tuple[str, ...]:
    flag = workload.flag
    match cause:
        case "quota-exceeded":
            return (
                commands.edit(workload, "fewer replicas, or smaller resources.requests and limits"),
                f"kubectl edit resourcequota {subject}{flag}   # a larger one, if you may",
            )
        case "pod-security-rejected":
            return (commands.edit(workload, "securityContext: what the message names, one by one"),)
        case "limit-range-violated":
            return (commands.edit(workload, "resources: within the LimitRange"),)
        case "admission-webhook-unreachable":
            return ("kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations   # then its Service",)
        case "service-account-missing":
            return (f"kubectl create serviceaccount {subject.rpartition('/')[2]}{flag}",)
    return (commands.edit(workload, "what the message names"),)
