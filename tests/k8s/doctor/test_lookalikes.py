"""Names and unrelated events do not change the verdict, and the fix fits the cause."""

import json
import shlex
from dataclasses import replace

import pytest

from k8s.doctor.cluster import Cluster
from k8s.doctor.diagnosis import Diagnosis, diagnose
from k8s.doctor.logs import Logs
from k8s.doctor.ports import listening
from k8s.doctor.reading import chosen
from tests.k8s.doctor import snapshots
from tests.k8s.doctor.snapshots.draft import Draft
from tests.k8s.doctor.snapshots.lookalikes import LOOKALIKES

SAYS = {
    "a digest": "cifar10=localhost:5000/cifar-api-cpu:<tag>",
    "a registry of plain HTTP": "allow plain HTTP",
    "a pull secret that is absent": "the pull secret regcred does not exist",
    "a server that listens on 127.0.0.1": "listen where the probe asks",
    "cpu and memory": "no node has enough cpu left, and no node has enough memory left",
    "evicted for its disk": "limits.ephemeral-storage",
    "a volume elsewhere": "its volume lies where no node can reach it",
}
"""Text that the sentence or the fix must contain."""


def only(draft: Draft) -> Diagnosis:
    (found,) = diagnose(Cluster(draft.snapshot()))
    return found


@pytest.mark.parametrize("what", LOOKALIKES)
def test_a_lookalike_is_not_mistaken(what: str) -> None:
    cause, build = LOOKALIKES[what]
    assert only(build()).verdict.cause == cause


@pytest.mark.parametrize("what", SAYS)
def test_sentence_and_fix_fit(what: str) -> None:
    found = only(LOOKALIKES[what][1]()).verdict
    assert SAYS[what] in " ".join([found.sentence, *found.fix])


def test_ambiguous_faults_have_lower_confidence() -> None:
    assert only(LOOKALIKES["exit 0, perhaps by liveness"][1]()).verdict.confidence == "medium"
    assert only(LOOKALIKES["a server that listens on 127.0.0.1"][1]()).verdict.confidence == "medium"


def test_the_fix_for_memory_doubles_the_limit() -> None:
    assert "--limits=memory=256Mi" in only(Draft("oom-killed")).verdict.fix[0]


def test_a_service_without_pods_is_reported_as_impact() -> None:
    draft = Draft("healthy")
    draft.one("Service")["spec"]["selector"] = {"app": "absent"}
    assert "service/cifar10-service has no endpoint at all: requests are refused." in only(draft).impact


def test_a_retried_job_reports_its_failure() -> None:
    draft = Draft("crash-wrong-entry").ended(2, "Error")
    draft.status["state"] = draft.status["lastState"]
    draft.pod["status"]["phase"] = "Failed"
    draft.pod["spec"]["restartPolicy"] = "Never"
    draft.pod["metadata"]["ownerReferences"] = [{"kind": "Job", "name": "migrate", "controller": True}]
    draft.add("Job", "migrate", {"backoffLimit": 6}, status={"failed": 1})
    draft.items = [each for each in draft.items if each["kind"] in ("Job", "Pod")]
    assert only(draft).verdict.cause == "application-crashed"


def twin(draft: Draft, name: str) -> list[dict[str, object]]:
    """A second, healthy application in the same namespace."""
    other = Draft("healthy").renamed(**{"cifar10-deployment": name, "cifar10-service": name, '"cifar10"': f'"{name}"'})
    items = json.loads(json.dumps(other.items).replace('"healthy"', f'"{draft.namespace}"'))
    return [each for each in items if each["kind"] != "Node"]


def test_a_log_without_prefix_is_attributed_to_the_only_unhealthy_pod() -> None:
    draft = Draft("crash-wrong-entry")
    draft.items += twin(draft, "front")
    found = diagnose(Cluster(draft.snapshot()))
    assert [each.verdict.cause for each in found] == ["application-crashed", "healthy"]
    assert "can't open file" in found[0].verdict.sentence


def test_a_log_without_prefix_is_not_attributed_if_two_pods_are_unhealthy() -> None:
    one, two = snapshots.named("crash-wrong-entry"), snapshots.named("crash-exit-78-bad-config")
    both = replace(one, items=[*one.items, *two.items], events=[*one.events, *two.events])
    found = {each.workload.namespace: each.verdict for each in diagnose(Cluster(both))}
    assert found["crash-exit-78-bad-config"].cause == "setting-refused"
    assert "can't open file" not in found["crash-exit-78-bad-config"].sentence


def test_a_log_without_prefix_is_not_attributed_to_a_sidecar() -> None:
    draft = Draft("healthy").log('10.0.0.1 "GET / HTTP/1.1" 200')
    status = json.loads(json.dumps(Draft("crash-wrong-entry").status).replace('"cifar10"', '"exporter"'))
    draft.pod["spec"]["containers"].append({"name": "exporter"})
    draft.pod["status"]["containerStatuses"].append(status)
    found = only(draft).verdict
    assert (found.cause, found.confidence) == ("application-crashed", "medium")
    assert "GET /" not in found.sentence


def test_the_pod_of_a_log_is_read_from_kubectls_messages() -> None:
    content = 'Found 2 pods, using pod/web-2\nDefaulted container "main" out of: main, side\nerror: no weights\n'
    logs = Logs.parse(content)
    assert logs.of("web-2", "main") == ["error: no weights"]
    assert logs.of("web-1", "main") == logs.of("web-2", "side") == []
    assert Logs.parse(logs.dump()) == logs


def test_many_workloads_are_diagnosed_independently() -> None:
    draft = Draft("crash-wrong-entry")
    for index in range(60):
        draft.items += twin(draft, f"front{index}")
    found = diagnose(Cluster(draft.snapshot()))
    assert [each.verdict.cause for each in found] == ["application-crashed", *["healthy"] * 60]


@pytest.mark.parametrize(
    ("line", "port"),
    [
        ("[INFO] Listening at: http://10.85.0.11:8080 (1)", 8080),
        ("[INFO] Listening at: http://[::]:8080 (1)", 8080),
        ("INFO: Uvicorn running on http://127.0.0.1:8080 (Press CTRL+C to quit)", 8080),
        ("Serving HTTP on 0.0.0.0 port 8080 (http://0.0.0.0:8080/) ...", 8080),
        ("listening on port 8080", 8080),
        ("running on 12 cores", None),
    ],
)
def test_the_listening_port_is_read_from_the_log(line: str, port: int | None) -> None:
    assert listening(line) == port


def test_logs_of_every_application_are_read() -> None:
    def unwell(name: str, owner: str) -> dict[str, object]:
        meta = {"name": name, "ownerReferences": [{"name": owner, "uid": owner}]}
        return {"metadata": meta, "status": {"phase": "Running", "containerStatuses": [{"ready": False}]}}

    read = chosen([*(unwell(f"web-{index}", "web") for index in range(100)), unwell("db-0", "db")])
    assert [each["metadata"]["name"] for each in read] == ["web-0", "web-1", "web-2", "db-0"]


def test_the_fix_for_a_pod_is_in_its_controller() -> None:
    draft = Draft("readiness-failing")
    draft.items = [draft.pod]
    (fix,) = only(draft).verdict.fix
    assert fix.startswith("kubectl edit deployment/cifar10-deployment -n readiness-failing")
    assert "spec.template.spec.containers[cifar10].readinessProbe" in fix


@pytest.mark.parametrize("what", LOOKALIKES)
def test_recommended_commands_are_valid_shell(what: str) -> None:
    found = only(LOOKALIKES[what][1]()).verdict
    for each in [*found.next, *found.fix]:
        program, *_ = shlex.split(each, comments=True)
        assert program in ("kubectl", "kind", "nslookup", "curl", "docker")


def test_a_log_is_not_attributed_to_pods_of_the_same_name_in_two_namespaces() -> None:
    draft = Draft("crash-wrong-entry").without_events().log()
    draft.previous = Logs({(draft.pod["metadata"]["name"], "cifar10"): ["no weights"]})
    assert "no weights" in only(draft).verdict.sentence
    draft.items += json.loads(json.dumps(draft.items).replace('"crash-wrong-entry"', '"elsewhere"'))
    both = diagnose(Cluster(draft.snapshot()))
    assert [each.verdict.cause for each in both] == ["application-crashed"] * 2
    assert all("no weights" not in each.verdict.sentence for each in both)
