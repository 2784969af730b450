import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PEERS = [f"benchmarks/peers/requirements/{peer}" for peer in ("fastapi", "litserve", "bentoml")]
LAYERS = ["requirements", *(f"requirements-{name}" for name in ("torch", "onnxruntime", "test", "train"))]
SOURCES = [f"{layer}.in" for layer in LAYERS]
LOCKS = [f"{layer}.txt" for layer in LAYERS]


def lines(name: str) -> list[str]:
    text = re.sub(r"\s*#.*", "", (ROOT / name).read_text())
    return text.split("\n")


def pins(name: str) -> dict[str, str]:
    return dict(line.split("==") for line in lines(name) if line.strip())


@pytest.mark.parametrize("name", SOURCES + LOCKS)
def test_every_requirement_is_one_exact_version(name: str) -> None:
    assert [line for line in lines(name) if not re.fullmatch(r"([a-z0-9-]+==([0-9]+!)?[0-9][0-9a-z.]*)?", line)] == []


@pytest.mark.parametrize(("source", "lock"), list(zip(SOURCES, LOCKS, strict=True)))
def test_the_lock_contains_every_direct_dependency_at_its_version(source: str, lock: str) -> None:
    assert pins(source).items() <= pins(lock).items()


@pytest.mark.parametrize("lock", LOCKS[1:])
def test_the_locks_agree_with_each_other(lock: str) -> None:
    serving = pins("requirements.txt")
    assert {name: version for name, version in pins(lock).items() if serving.get(name, version) != version} == {}


def test_the_server_installs_no_training_dependencies() -> None:
    served = [name for lock in LOCKS[:3] for name in pins(lock)]
    assert not {"torchvision", "tqdm", "onnx"} & set(served)


def test_each_engine_can_be_installed_without_the_other() -> None:
    assert "torch" not in pins("requirements.txt") | pins("requirements-onnxruntime.txt")
    assert "onnxruntime" not in pins("requirements.txt") | pins("requirements-torch.txt")


def test_no_lock_contains_cuda() -> None:
    assert [name for lock in LOCKS for name in pins(lock) if re.match("nvidia|cuda|triton", name)] == []


def imported_by(folder: str) -> set[str]:
    """The top-level modules that the files of a folder import, except Python's and this project's."""
    found: set[str] = set()
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return (
        found - sys.stdlib_module_names - {"service", "model", "k8s", "monitoring", "dashboards", "benchmarks", "tests"}
    )


@pytest.mark.parametrize(
    ("folder", "sources"),
    [
        ("service", SOURCES[:1]),
        ("model", [*SOURCES[:3], SOURCES[4]]),
        ("k8s", SOURCES),
        ("monitoring", SOURCES),
        ("dashboards", SOURCES),
        ("tests", SOURCES),
        ("benchmarks", [*SOURCES, *(f"{peer}.in" for peer in PEERS)]),
    ],
)
def test_what_the_code_imports_is_required_by_name(folder: str, sources: list[str]) -> None:
    required = {name for source in sources for name in pins(source)}
    distributions = packages_distributions()
    missing = {
        module
        for module in imported_by(folder)
        if not required & {name.lower().replace("_", "-") for name in distributions.get(module, [module])}
    }
    assert missing == set()
