"""Real servers, each in a namespace named after its fault, and the Prometheus that scrapes them."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from safetensors.numpy import load, save

from tests.e2e import prometheus
from tests.e2e.prometheus import Prometheus
from tests.e2e.server import START_SECONDS, Server, eventually, free_ports, running
from tests.monitoring.configuration import MONITORING, RULES, read
from tests.monitoring.live import pace
from tests.monitoring.live.cluster import ILL, pod_of
from tests.shipped import copied

CALM, OVERLOADED, LATE, DRIFTED, ROLLOUT, GONE = "calm", "overloaded", "late", "drifted", "rollout", "gone"

CALM_POD = pod_of("calm")


@dataclass(frozen=True)
class Fleet:
    """The servers by name."""

    calm: Server
    overloaded: Server
    """Batches of one image, in float32, which is slower."""
    late: Server
    """A short deadline, and two workers, of which the newer one is killed repeatedly."""
    drifted: Server
    """Trusts ``X-Request-Start``, and its collector does not answer."""
    damaged: Server
    """Its model fails the golden images, so it is never ready."""


@contextmanager
def started(folder: Path, collector: str) -> Iterator[Fleet]:
    """The servers, ready except the damaged one; ``collector`` receives the spans of the calm one."""
    dead, _ = free_ports()
    with ExitStack() as stack:

        def start(**settings: object) -> Server:
            return stack.enter_context(running(folder, log_format="json", log_level="error", **settings))

        fleet = Fleet(
            calm=start(OTEL_EXPORTER_OTLP_ENDPOINT=collector, OTEL_BSP_SCHEDULE_DELAY=500),
            overloaded=start(queue_capacity=160, max_images=16, max_batch=1, precision="float32", deadline_seconds=60),
            late=start(workers=2, max_images=64, deadline_seconds=0.01),
            drifted=start(
                trust_request_start="true", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{dead}",
                OTEL_BSP_MAX_QUEUE_SIZE=2, OTEL_BSP_MAX_EXPORT_BATCH_SIZE=2, OTEL_BSP_SCHEDULE_DELAY=200,
                OTEL_EXPORTER_OTLP_TIMEOUT=1,
            ),
            damaged=start(model_dir=other_model(folder)),
        )  # fmt: skip
        for each in (fleet.calm, fleet.overloaded, fleet.late, fleet.drifted):
            each.wait_until_ready()
        eventually(fleet.damaged.answering, within=START_SECONDS, what="the end of loading")
        yield fleet


def other_model(folder: Path) -> Path:
    """A copy of the model with another version, whose predictions differ from those recorded for the golden images."""
    model = copied(folder)
    golden, card = model / "golden.safetensors", model / "card.json"
    recorded = load(golden.read_bytes())
    golden.write_bytes(save({**recorded, "labels": (recorded["labels"] + 1) % 10, "logits": -recorded["logits"]}))
    about = json.loads(card.read_text())
    about["version"] = f"{about['version']}-damaged"
    about["files"][golden.name]["sha256"] = hashlib.sha256(golden.read_bytes()).hexdigest()
    card.write_text(json.dumps(about))
    return model


class Watch:
    """The shipped Prometheus configuration with other targets and shorter durations."""

    def __init__(self, folder: Path, fleet: Fleet, cluster: str, alertmanager: str) -> None:
        self.configuration = folder / "prometheus" / "prometheus.yml"
        self._targets = folder / "prometheus" / "targets"
        self._fleet, self._cluster = fleet, cluster
        self._dead, _ = free_ports()
        (folder / "rules").mkdir()
        for path in RULES:
            (folder / "rules" / path.name).write_text(yaml.safe_dump(pace.rules(read(path))))
        self._targets.mkdir(parents=True)
        self.configuration.write_text(yaml.safe_dump(self._faster(), sort_keys=False))
        self.also("alertmanager", alertmanager)
        self.troubled()

    def _faster(self) -> dict[str, object]:
        configuration: dict[str, object] = read(MONITORING / "prometheus" / "prometheus.yml")
        every = f"{round(pace.INTERVAL * 1000)}ms"
        configuration["global"] = {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every}
        jobs = configuration["scrape_configs"]
        assert isinstance(jobs, list)
        for job, path in (("kube-state-metrics", "/state"), ("kubelet", "/usage")):
            target = {"targets": [self._cluster]}
            jobs.append({"job_name": job, "honor_labels": True, "metrics_path": path, "static_configs": [target]})
        return configuration

    def troubled(self) -> None:
        """Adds a replica with another model, one that does not answer, and a namespace in which none answers."""
        self._write(damaged=self._fleet.damaged.ops_port, dead=self._dead, gone=self._dead)

    def recovered(self) -> None:
        """Removes the bad replicas; in the namespace where none answered, one does."""
        self._write(gone=self._fleet.calm.ops_port)

    def _write(self, gone: int, damaged: int | None = None, dead: int | None = None) -> None:
        fleet, replicas = self._fleet, []
        for namespace, pod, port in (
            (CALM, CALM_POD, fleet.calm.ops_port),
            (OVERLOADED, pod_of("overloaded"), fleet.overloaded.ops_port),
            (LATE, pod_of("late"), fleet.late.ops_port),
            (DRIFTED, pod_of("drifted"), fleet.drifted.ops_port),
            (ROLLOUT, pod_of("old"), fleet.calm.ops_port),
            (ROLLOUT, pod_of("damaged"), damaged),
            (ROLLOUT, pod_of("dead"), dead),
            (GONE, pod_of("gone"), gone),
        ):
            if port is not None:
                replicas.append(_target(f"127.0.0.1:{port}", namespace=namespace, pod=pod))
        for trouble in ("throttled", "verbose", "flapping"):
            path = f"/{trouble}_replica"
            replicas.append(_target(self._cluster, namespace=ILL, pod=pod_of(trouble), __metrics_path__=path))
        self._put("cifar10", replicas)

    def also(self, name: str, address: str) -> None:
        """Adds Prometheus or Alertmanager as a target."""
        self._put(name, [{"targets": [address]}])

    @property
    def targets(self) -> int:
        """Number of targets, without those of the cluster."""
        return sum(len(json.loads(path.read_text())) for path in self._targets.glob("*.yaml"))

    def _put(self, name: str, targets: list[dict[str, object]]) -> None:
        """Replaces the file atomically; Prometheus rereads it at any time."""
        new = self._targets / f"{name}.new"
        new.write_text(json.dumps(targets))
        new.replace(self._targets / f"{name}.yaml")


def _target(address: str, **labels: str) -> dict[str, object]:
    return {"targets": [address], "labels": labels}


@contextmanager
def watching(executable: str, watch: Watch, folder: Path) -> Iterator[Prometheus]:
    """Prometheus, once it has scraped every replica."""
    # Alerts that fire before Alertmanager is discovered are sent again after this delay.
    resend = "--rules.alert.resend-delay=5s"
    with prometheus.running(executable, watch.configuration, folder / "tsdb", resend) as found:
        watch.also("prometheus", found.address)
        targets = 'count(up{job=~"cifar10|prometheus|alertmanager"})'
        eventually(lambda: found.value(targets) == watch.targets, within=60, what="the first scrapes")
        yield found
