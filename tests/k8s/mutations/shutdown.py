"""What breaks the rules about the end of a pod."""

from tests.k8s.mutations.mutation import CONTAINER, DELETE, ENV, SPEC, broken_by

PAUSE = CONTAINER + "lifecycle.preStop.sleep.seconds"

MUTATIONS = [
    *broken_by("endpoints_are_gone_before_the_server_is_told", (CONTAINER + "lifecycle", DELETE), (PAUSE, 1)),
    *broken_by(
        "kept_alive_connections_are_told_to_end", (ENV + "-", {"name": "PREDICTOR_DRAIN_SECONDS", "value": "0"})
    ),
    *broken_by(
        "the_pause_and_the_drain_are_not_the_same_wait_twice",
        (ENV + "-", {"name": "PREDICTOR_DRAIN_SECONDS", "value": "10"}),
    ),
    *broken_by(
        "nothing_is_killed_while_it_may_still_finish",
        (SPEC + "terminationGracePeriodSeconds", 30),
        (PAUSE, 15),
        (ENV + "-", {"name": "PREDICTOR_GRACE_SECONDS", "value": "60"}),
    ),
]
