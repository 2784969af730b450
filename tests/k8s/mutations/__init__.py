"""What breaks the rules: a file of mutations for each file of rules."""

from tests.k8s.mutations import (
    autoscaling,
    edge,
    image,
    labels,
    network,
    objects,
    pod_security,
    probes,
    resources,
    rollout,
    scraping,
    security,
    shutdown,
    wiring,
)
from tests.k8s.mutations.mutation import Mutation

MUTATIONS: list[Mutation] = [
    mutation
    for subject in (
        autoscaling,
        edge,
        image,
        labels,
        network,
        objects,
        pod_security,
        probes,
        resources,
        rollout,
        scraping,
        security,
        shutdown,
        wiring,
    )
    for mutation in subject.MUTATIONS
]
