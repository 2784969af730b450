"""What breaks the rules about probes."""

from tests.k8s.mutations.mutation import CONTAINER, DELETE, ENV, broken_by

MUTATIONS = [
    *broken_by(
        "each_probe_asks_its_own_question_on_the_ops_port",
        (CONTAINER + "startupProbe", DELETE),
        (CONTAINER + "livenessProbe.httpGet.path", "/readyz"),
        (CONTAINER + "readinessProbe.httpGet.port", 9000),
    ),
    *broken_by(
        "a_slow_start_is_no_failure",
        (CONTAINER + "startupProbe.failureThreshold", 5),
        ("spec.progressDeadlineSeconds", 60),
    ),
    *broken_by("a_busy_server_is_not_restarted", (CONTAINER + "livenessProbe.failureThreshold", 1)),
    *broken_by(
        "the_probed_port_is_the_servers",
        (CONTAINER + "ports.1.containerPort", 9090),
        (ENV + "-", {"name": "PREDICTOR_PORT", "value": "8080"}),
    ),
]
