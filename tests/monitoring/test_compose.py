"""The compose file against the other configuration files; no container is started."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest

from service.settings import Settings
from tests.monitoring.configuration import MONITORING, read

ROOT = MONITORING.parent
COMPOSE = read(MONITORING / "compose.yaml")
SERVICES: dict[str, Any] = COMPOSE["services"]
PROMETHEUS = read(MONITORING / "prometheus" / "prometheus.yml")
COLLECTOR = read(MONITORING / "otel" / "collector.yaml")
TEMPO = read(MONITORING / "tempo" / "tempo.yaml")
DATASOURCES = {
    each["uid"]: each for each in read(MONITORING / "grafana/provisioning/datasources/datasources.yaml")["datasources"]
}
LISTENING = {
    "cifar10": {Settings().port, Settings().ops_port},
    "prometheus": {9090},
    "alertmanager": {9093},
    "grafana": {3000},
    "otel-collector": {int(COLLECTOR["receivers"]["otlp"]["protocols"]["http"]["endpoint"].rpartition(":")[2])},
    "tempo": {
        TEMPO["server"]["http_listen_port"],
        int(TEMPO["distributor"]["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"].rpartition(":")[2]),
    },
}
"""The ports of each service, from its configuration or its defaults."""

Tool = Callable[[str, str], str]


def mounts(service: str) -> Iterator[tuple[Path, PurePosixPath, str]]:
    """Each mounted folder of the repository, its path in the container, and the mode."""
    for volume in SERVICES[service].get("volumes", []):
        source, target, *mode = volume.split(":")
        if source.startswith("."):
            yield (MONITORING / source).resolve(), PurePosixPath(target), "".join(mode)


def here(service: str, path: str) -> Path | None:
    """The file of the repository at a container's path."""
    for source, target, _ in mounts(service):
        if PurePosixPath(path).is_relative_to(target):
            return source / PurePosixPath(path).relative_to(target)
    return None


def assert_listens(address: str) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    assert int(port) in LISTENING[host], address


def test_compose_knows_every_field() -> None:
    jsonschema.Draft202012Validator(read(Path(__file__).parent / "schemas" / "compose.yaml")).validate(COMPOSE)


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_is_one_version_for_good(service: str) -> None:
    assert re.fullmatch(r"[a-z0-9./-]+:v?\d+(\.\d+\.\d+)?", SERVICES[service]["image"])
    assert SERVICES[service]["image"].count("/") >= 2 or "build" in SERVICES[service]  # the registry is named, too


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_may_change_nothing_but_its_own_data(service: str) -> None:
    about = SERVICES[service]
    assert about["read_only"]
    assert about["cap_drop"] == ["ALL"]
    assert about["security_opt"] == ["no-new-privileges:true"]
    assert [str(target) for _, target, mode in mounts(service) if mode != "ro"] == []


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_mounted_is_there(service: str) -> None:
    assert [source for source, _, _ in mounts(service) if not source.is_dir()] == []
    named = {v.partition(":")[0] for v in SERVICES[service].get("volumes", []) if not v.startswith(".")}
    assert named <= COMPOSE["volumes"].keys()


@pytest.mark.parametrize("service", SERVICES)
def test_a_file_that_is_named_is_mounted(service: str) -> None:
    about = SERVICES[service]
    words = [*about.get("command", []), *about.get("environment", {}).values()]
    paths = [path for word in words for path in re.findall(r"/etc/cifar10/\S+", word)]
    assert [path for path in paths if not (file := here(service, path)) or not file.is_file()] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_port_is_opened_on_this_machine_only_and_the_service_listens(service: str) -> None:
    for port in SERVICES[service].get("ports", []):
        address, outside, inside = port.split(":")
        assert (address, outside) == ("127.0.0.1", inside)
        assert int(inside) in LISTENING[service]


def test_the_health_of_all_but_the_collector_is_checked() -> None:
    checked = {name for name, about in SERVICES.items() if "healthcheck" in about}
    assert checked | {"cifar10", "otel-collector"} == SERVICES.keys()
    assert "\nHEALTHCHECK " in (ROOT / "Dockerfile").read_text()
    for about in SERVICES.values():
        waits = {name for name, how in about.get("depends_on", {}).items() if how["condition"] == "service_healthy"}
        assert waits <= checked


def test_the_image_is_built_as_everywhere_else() -> None:
    about = SERVICES["cifar10"]
    assert (MONITORING / about["build"]["context"] / "Dockerfile").resolve() == ROOT / "Dockerfile"
    assert f"docker build -t {about['image']} .\n" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("job", [each["job_name"] for each in PROMETHEUS["scrape_configs"]])
def test_prometheus_scrapes_where_a_service_listens(job: str) -> None:
    ((target,),) = [each["targets"] for each in read(MONITORING / "prometheus" / "targets" / f"{job}.yaml")]
    assert_listens(target.replace("localhost", "prometheus"))


def test_traces_go_from_the_service_over_the_collector_to_tempo() -> None:
    assert_listens(SERVICES["cifar10"]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"])
    pipeline = COLLECTOR["service"]["pipelines"]["traces"]
    for kind in ("receivers", "processors", "exporters"):
        assert set(pipeline[kind]) == COLLECTOR[kind].keys()
    assert_listens(COLLECTOR["exporters"]["otlp_grpc"]["endpoint"])


def test_an_exemplar_in_grafana_leads_to_its_trace() -> None:
    (exemplars,) = DATASOURCES["prometheus"]["jsonData"]["exemplarTraceIdDestinations"]
    assert exemplars["name"] == "trace_id"
    assert DATASOURCES[exemplars["datasourceUid"]]["type"] == "tempo"
    assert "--enable-feature=exemplar-storage" in SERVICES["prometheus"]["command"]


def test_grafana_asks_where_a_service_listens_and_knows_how_often_is_scraped() -> None:
    for datasource in DATASOURCES.values():
        assert_listens(datasource["url"])
    assert DATASOURCES["prometheus"]["jsonData"]["timeInterval"] == PROMETHEUS["global"]["scrape_interval"]


def test_grafana_finds_the_dashboards() -> None:
    (provider,) = read(MONITORING / "grafana/provisioning/dashboards/dashboards.yaml")["providers"]
    assert here("grafana", provider["options"]["path"]) == ROOT / "dashboards"
    assert list((ROOT / "dashboards").glob("*.json"))


def test_promtool_accepts_what_prometheus_gets(require_tool: Tool, tmp_path: Path) -> None:
    promtool = require_tool("promtool", "prometheus")
    for source, target, _ in mounts("prometheus"):
        (tmp_path / target.name).symlink_to(source)
    (option,) = [each for each in SERVICES["prometheus"]["command"] if each.startswith("--config.file=")]
    configuration = tmp_path / PurePosixPath(option).relative_to("--config.file=/etc/cifar10")
    done = subprocess.run([promtool, "check", "config", str(configuration)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "rule files" in done.stdout


def test_amtool_accepts_what_alertmanager_gets(require_tool: Tool) -> None:
    amtool = require_tool("amtool", "prometheus-alertmanager")
    (option,) = [each for each in SERVICES["alertmanager"]["command"] if each.startswith("--config.file=")]
    file = here("alertmanager", option.partition("=")[2])
    subprocess.run([amtool, "check-config", str(file)], capture_output=True, check=True)
