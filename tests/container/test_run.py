import json
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.container.conftest import Start
from tests.container.containers import OF_THE_POD, Container
from tests.e2e.server import eventually
from tests.e2e.traffic import BIRD
from tests.k8s.manifests import K8S, quantity, read


def metric(container: Container, name: str) -> float:
    families = text_string_to_metric_families(container.ops("/metrics").text)
    [value] = [sample.value for family in families for sample in family.samples if sample.name == name]
    return value


def test_it_answers_bird_with_a_read_only_root_and_no_capabilities(container: Container) -> None:
    assert container.predict(BIRD).json()["predict"] == "bird"
    assert re.search(r"CapEff:\s+0+$", container.execute("cat", "/proc/1/status"), re.MULTILINE)


def test_the_engine_has_as_many_threads_as_the_quota_gives_it_cpus(container: Container) -> None:
    assert metric(container, "cifar10_available_cpus") == 1.0
    assert metric(container, "cifar10_engine_threads") == 1.0
    assert metric(container, "cifar10_memory_limit_bytes") == quantity(
        read(K8S / "base" / "cifar10-deployment.yaml").container["resources"]["limits"]["memory"]
    )


def test_the_revision_it_was_built_from_is_on_its_metrics(container: Container) -> None:
    assert 'cifar10_build_info{python_version="3.11.' in container.ops("/metrics").text
    assert 'revision="0123abc"' in container.ops("/metrics").text


def test_its_health_check_passes_while_it_serves(container: Container) -> None:
    container.check_health()


def test_it_starts_without_a_warning(container: Container) -> None:
    assert {json.loads(line)["level"] for line in container.logs().splitlines()} == {"info"}


def test_it_knows_which_pod_it_is(container: Container) -> None:
    command = "from opentelemetry.sdk.resources import Resource; print(Resource.create().to_json())"
    found = json.loads(container.execute("python", "-c", command))["attributes"]
    pod, namespace, node = (OF_THE_POD[each] for each in ("metadata.name", "metadata.namespace", "spec.nodeName"))
    assert found["service.instance.id"] == f"{namespace}.{pod}.cifar10"
    assert (found["k8s.pod.name"], found["k8s.node.name"]) == (pod, node)
    assert "$" not in "".join(map(str, found.values()))


def test_a_bad_setting_ends_it_with_78_and_one_line(start: Start) -> None:
    container = start(max_batch=0)
    assert container.exit_code() == 78
    [line] = container.logs().splitlines()
    assert "PREDICTOR_MAX_BATCH" in line


# The other running container is charged for the page cache of the image's files. Without it, these two would be and
# would reread the files repeatedly before a process is large enough to be killed.
@pytest.mark.usefixtures("container")
def test_too_little_memory_to_start_in_ends_it_with_137(start: Start) -> None:
    container = start("--memory=24m", "--memory-swap=24m")
    assert container.exit_code() == 137
    eventually(container.out_of_memory, what="the note of the kill")
    assert "listening" not in container.logs()


@pytest.mark.usefixtures("container")
def test_too_little_memory_for_the_model_gets_its_workers_killed_and_it_is_never_ready(start: Start) -> None:
    # This is how it ends if the kernel kills one process. If it kills the whole group, which the kubelet requests with
    # cgroup v2, it ends as in the test above.
    container = start("--memory=120m", "--memory-swap=120m")

    def two_are_killed() -> bool:
        assert not container.ready()
        return container.logs().count("SIGKILL") >= 2

    eventually(two_are_killed, within=90, what="the second kill")
    assert container.state()["Running"]
    eventually(container.out_of_memory, what="the note of the kill")
