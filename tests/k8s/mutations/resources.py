"""What breaks the rules about requests and limits."""

from tests.k8s.mutations.mutation import CONTAINER, DELETE, SPEC, broken_by

LIMITS, REQUESTS = CONTAINER + "resources.limits.", CONTAINER + "resources.requests."

MUTATIONS = [
    *broken_by(
        "what_runs_out_is_requested_and_limited",
        (LIMITS + "memory", DELETE),
        (REQUESTS + "cpu", DELETE),
        (SPEC + "volumes.0.emptyDir", {}),
    ),
    *broken_by("memory_has_room_above_what_was_measured", (LIMITS + "memory", "1Gi"), (REQUESTS + "memory", "256Mi")),
    *broken_by("threads_are_as_many_as_cores", (LIMITS + "cpu", "4"), (CONTAINER + "env", [])),
]
