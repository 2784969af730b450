"""docs/kubernetes.md matches the manifests."""

import html
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from service.settings import Settings
from tests.k8s.manifests import K8S, ROOT, Manifests, Object, build, read

WALK = (ROOT / "docs/kubernetes.md").read_text()
BASE = Manifests(
    [each for path in K8S.glob("base/cifar10-*.yaml") for each in read(path).objects],
)
SHORT = {"pods": "Pod", "service": "Service", "ingress": "Ingress", "deployment": "Deployment"}


def steps() -> Iterator[tuple[str, list[str]]]:
    """Each command with its shown output."""
    for block in re.findall(r"^```console\n(.*?)^```", WALK, re.MULTILINE | re.DOTALL):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *output = step.strip("\n").split("\n")
            yield command, output


COMMANDS = [command for command, _ in steps()]

THE_WALK = [
    "docker build -t cifar-api-cpu:v1 .",
    "docker tag cifar-api-cpu:v1 localhost:5000/cifar-api-cpu:v1",
    "docker push localhost:5000/cifar-api-cpu:v1",
    "kubectl apply -f k8s/base/cifar10-deployment.yaml",
    "kubectl rollout status deployment/cifar10-deployment",
    "kubectl get pods -o wide",
    "kubectl apply -f k8s/base/cifar10-service.yaml",
    "kubectl get service cifar10-service",
    'curl -X POST -F "file=@test_image.png" http://localhost:30080/predict',
    "kubectl apply -f k8s/base/cifar10-ingress.yaml",
    "kubectl get ingress",
    'curl -X POST -F "file=@test_image.png" http://tarry.cifar10.local/predict',
    "kubectl scale deployment/cifar10-deployment --replicas=3",
    "kubectl get pods -w",
    "kubectl rollout status deployment/cifar10-deployment",
    "kubectl rollout history deployment/cifar10-deployment",
    "kubectl rollout undo deployment/cifar10-deployment",
    "kubectl top pods",
    "kubectl top nodes",
    "kubectl get events --sort-by=.metadata.creationTimestamp",
    "kubectl describe deployment cifar10-deployment",
    "kubectl logs deployment/cifar10-deployment --previous",
]

SILENT = re.compile(r"docker tag|minikube image load|kubectl apply -k k8s/overlays/")
"""Commands without output, or with output shown before."""


def test_the_walkthrough_has_its_steps_in_order() -> None:
    remaining = iter(COMMANDS)
    assert [step for step in THE_WALK if step not in remaining] == []


@pytest.mark.parametrize(("command", "output"), [each for each in steps() if not SILENT.match(each[0])])
def test_each_command_is_shown_with_output(command: str, output: list[str]) -> None:
    assert output


@pytest.mark.parametrize("command", [each for each in COMMANDS if re.match(r"kubectl (apply|delete) -[fk] k8s/", each)])
def test_every_applied_path_exists(command: str) -> None:
    path = ROOT / command.split()[3]
    assert path.is_dir() if "-k" in command.split() else path.is_file()


@pytest.mark.parametrize(
    ("command", "output"), [each for each in steps() if each[0].startswith("kubectl apply -f k8s/")]
)
def test_an_apply_prints_a_line_for_each_object_of_the_file(command: str, output: list[str]) -> None:
    objects = read(ROOT / command.split()[-1]).objects
    assert output == [f"{resource(each)} created" for each in objects]


def test_applying_all_prints_a_line_for_each_object_of_the_base(kubectl: str) -> None:
    (output,) = [output for command, output in steps() if command == "kubectl apply -k k8s/base"]
    assert [line.split()[0] for line in output] == [resource(each) for each in build(kubectl, K8S / "base").objects]


def test_deleting_all_prints_a_line_for_each_object_of_the_base(kubectl: str) -> None:
    (output,) = [output for command, output in steps() if command == "kubectl delete -k k8s/base"]
    deleted = [f"{resource(each).replace('/', ' ')}" for each in build(kubectl, K8S / "base").objects]
    assert [line.replace('"', "").partition(" deleted")[0] for line in output] == deleted


def test_the_response_shown_is_the_shipped_models() -> None:
    """The response in the README is tested against the server."""
    (readme,) = set(re.findall(r'"confidence":([0-9.]+),"prob', (ROOT / "README.md").read_text()))
    assert set(re.findall(r'"confidence":([0-9.]+)', WALK)) == {readme}


def test_every_named_object_exists() -> None:
    for kind, name in re.findall(r"\b(deployment|service|ingress)[/ ](cifar10[a-z0-9-]*)", "\n".join(COMMANDS)):
        assert BASE.named(SHORT[kind], name), f"{kind}/{name}"


def test_every_image_name_is_the_deployments() -> None:
    name = BASE.container["image"].partition(":")[0]
    assert set(re.findall(r"[a-z0-9-]*cifar-[a-z-]+(?=:v)", WALK)) == {name}
    containers = re.findall(r"set image \S+ (\w+)=", WALK)
    assert set(containers) == {BASE.container["name"]}


def test_every_requested_address_is_exposed() -> None:
    (ingress,) = BASE.of("Ingress")
    (rule,) = ingress["spec"]["rules"]
    service = BASE.named("Service", "cifar10-service")
    assert service
    addresses = {f"localhost:{service['spec']['ports'][0]['nodePort']}", rule["host"]}
    urls = [
        word for command in COMMANDS if command.startswith("curl") for word in shlex.split(command) if "://" in word
    ]
    assert {url.split("/")[2] for url in urls} == addresses
    assert f"127.0.0.1 {rule['host']}" in WALK


def test_the_ports_shown_are_the_services() -> None:
    service = BASE.named("Service", "cifar10-service")
    assert service
    (port,) = service["spec"]["ports"]
    assert f" {port['port']}:{port['nodePort']}/TCP " in WALK


def test_the_shutdown_durations_are_those_of_the_settings() -> None:
    settings = Settings.from_env(BASE.environment())
    pause = BASE.container["lifecycle"]["preStop"]["sleep"]["seconds"]
    told = {what: int(s) for s, what in re.findall(r"\| (\d+) s \| (`\w+`|preStop|the last)", WALK)}
    assert told == {
        "preStop": pause,
        "`PREDICTOR_DRAIN_SECONDS`": settings.drain_seconds,
        "`PREDICTOR_GRACE_SECONDS`": settings.grace_seconds,
        "`PREDICTOR_DEADLINE_SECONDS`": settings.deadline_seconds,
        "the last": 3,
    }
    assert sum(told.values()) == pause + settings.longest_stop_seconds
    assert f"`terminationGracePeriodSeconds`, {BASE.pod['terminationGracePeriodSeconds']}," in WALK


def test_the_memory_limit_is_the_deployments() -> None:
    assert f"`{BASE.container['resources']['limits']['memory']}`" in WALK


def test_every_component_and_every_overlay_is_explained() -> None:
    components = {path.parent.name for path in K8S.glob("components/*/kustomization.yaml")}
    section = WALK.partition("| component |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `([a-z-]+)`", section, re.MULTILINE)) == components
    for path in K8S.glob("overlays/*/kustomization.yaml"):
        assert f"kubectl apply -k {path.parent.relative_to(ROOT)}" in COMMANDS


def test_the_custom_overlay_shown_builds(kubectl: str, tmp_path: Path) -> None:
    (overlay,) = re.findall(r"^```yaml\n(.*?)^```", WALK, re.MULTILINE | re.DOTALL)
    mine = tmp_path / "k8s/overlays/mine"
    mine.mkdir(parents=True)
    for part in ("base", "components"):
        (tmp_path / "k8s" / part).symlink_to(K8S / part)
    (mine / "kustomization.yaml").write_text(overlay)
    assert yaml.safe_load(overlay)["components"]
    assert build(kubectl, mine).of("HorizontalPodAutoscaler")


def test_the_secret_shown_is_the_one_that_the_deployment_reads() -> None:
    (variable,) = [each for each in BASE.container["env"] if each["name"] == "PREDICTOR_FEEDBACK_KEY"]
    source = variable["valueFrom"]["secretKeyRef"]
    assert f"kubectl create secret generic {source['name']} --from-literal={source['key']}=" in WALK


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", WALK))
def test_every_link_has_a_target(link: str) -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-") for line in re.findall(r"^#+ (.*)", WALK, re.M)
    }
    if link.startswith("#"):
        assert link[1:] in headings
    elif "://" not in link:
        assert (ROOT / "docs" / link).exists()


def test_the_picture_shows_the_labels_of_its_source() -> None:
    source, picture = ((ROOT / f"docs/architecture.{kind}").read_text() for kind in ("dot", "svg"))
    labels = re.findall(r'label="([^"]*)"', source)
    lines = [line for label in labels for line in label.split(r"\n")]
    assert lines
    shown = [html.unescape(each) for each in re.findall(r"<text[^>]*>([^<]*)</text>", picture)]
    assert sorted(shown) == sorted(lines)


def resource(each: Object) -> str:
    """The reference in kubectl's output: ``deployment.apps/name``, ``service/name``."""
    group = each["apiVersion"].rpartition("/")[0]
    kind = each["kind"].lower()
    return f"{kind}.{group}/{each['metadata']['name']}" if group else f"{kind}/{each['metadata']['name']}"
