"""Pods that the API server refuses to create."""

from tests.k8s.doctor.snapshots import drills
from tests.k8s.doctor.snapshots.draft import Draft, Drafts


def refused(message: str) -> Draft:
    return drills.quota_exceeded().refused(message)


def quota_wants_limits() -> Draft:
    return refused('pods "web-1" is forbidden: failed quota: small: must specify limits.cpu for: cifar10')


def webhook_denies() -> Draft:
    return refused('admission webhook "policy.example.com" denied the request: image is not signed')


def webhook_down() -> Draft:
    return refused(
        'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post '
        '"https://policy.kube-system.svc:443/": dial tcp 10.96.0.9:443: connect: connection refused'
    )


def service_account_missing() -> Draft:
    return refused(
        'pods "web-1" is forbidden: error looking up service account default/web: serviceaccount "web" not found'
    )


def limit_range() -> Draft:
    return refused('pods "web-1" is forbidden: maximum memory usage per Container is 64Mi, but limit is 128Mi')


def priority_class_missing() -> Draft:
    return refused('pods "web-1" is forbidden: no PriorityClass with name high was found')


VARIANTS: Drafts = {
    "quota wants limits": ("quota-exceeded", quota_wants_limits),
    "webhook denies": ("admission-webhook-denied", webhook_denies),
    "webhook down": ("admission-webhook-unreachable", webhook_down),
    "service account missing": ("service-account-missing", service_account_missing),
    "limit range": ("limit-range-violated", limit_range),
    "priority class missing": ("pod-refused", priority_class_missing),
}
