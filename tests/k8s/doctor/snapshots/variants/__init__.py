"""What else a cluster shows: other faults, other kinds of workloads, several at once, and noise that is no fault."""

from tests.k8s.doctor.snapshots.draft import Drafts
from tests.k8s.doctor.snapshots.variants import (
    admission,
    config,
    crashes,
    images,
    inits,
    owners,
    probes,
    rollouts,
    scheduling,
    states,
    traffic,
    volumes,
)

VARIANTS: Drafts = {
    **images.VARIANTS,
    **config.VARIANTS,
    **volumes.VARIANTS,
    **scheduling.VARIANTS,
    **admission.VARIANTS,
    **probes.VARIANTS,
    **crashes.VARIANTS,
    **inits.VARIANTS,
    **rollouts.VARIANTS,
    **owners.VARIANTS,
    **traffic.VARIANTS,
    **states.VARIANTS,
}
"""Of all kinds."""
