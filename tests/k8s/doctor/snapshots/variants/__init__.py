"""Other faults, other kinds of workloads, several at once, and states that are no fault; cause and builder by name."""

from tests.k8s.doctor.snapshots.draft import Drafts
from tests.k8s.doctor.snapshots.variants import containers, pods, running, workloads

VARIANTS: Drafts = {**containers.VARIANTS, **pods.VARIANTS, **running.VARIANTS, **workloads.VARIANTS}
