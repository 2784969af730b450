"""Volumes and networks that a pod has to have before its containers can start."""

from tests.k8s.doctor.snapshots import drills
from tests.k8s.doctor.snapshots.draft import Draft, Drafts


def not_started(reason: str, message: str) -> Draft:
    return drills.config_map_volume_missing().without_events().event(reason, message, container="")


def volume_key_missing() -> Draft:
    message = 'MountVolume.SetUp failed for volume "settings" : configmap references non-existent config key: a.toml'
    return not_started("FailedMount", message)


def volume_missing_without_events() -> Draft:
    """The ConfigMaps that are there were read."""
    return drills.config_map_volume_missing().without_events().add("ConfigMap", "kube-root-ca.crt", {})


def volume_attached_elsewhere() -> Draft:
    message = 'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node'
    return not_started("FailedAttachVolume", message)


def no_network() -> Draft:
    message = 'Failed to create pod sandbox: plugin type="calico" failed (add): error getting ClusterInformation'
    return not_started("FailedCreatePodSandBox", message).each_pod_spec(volumes=[])


VARIANTS: Drafts = {
    "volume key missing": ("volume-config-missing", volume_key_missing),
    "volume missing, events expired": ("volume-config-missing", volume_missing_without_events),
    "no network": ("sandbox-not-created", no_network),
    "volume attached elsewhere": ("volume-not-mounted", volume_attached_elsewhere),
}
