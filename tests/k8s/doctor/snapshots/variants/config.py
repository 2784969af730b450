"""What a container is made of that is absent or unfit: ConfigMaps, Secrets, users and names."""

from tests.k8s.doctor.snapshots.draft import Draft, Drafts


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


VARIANTS: Drafts = {
    "secret missing": ("config-missing", secret_missing),
    "key missing": ("config-missing", key_missing),
    "user by name": ("user-not-numeric", user_by_name),
    "container name reserved": ("container-not-created", name_reserved),
}
