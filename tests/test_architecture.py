"""The direction of imports, which keeps each part understandable by itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LAYERS = (
    ("service.cell", "service.cgroup", "service.encoding", "service.throughput", "service.values", "service.version"),
    ("service.errors", "service.settings"),
    ("service.images", "service.bodies", "service.uploads", "service.predictions", "service.feedback", "service.jobs"),
    (
        "service.affinity",
        "service.gate",
        "service.batching",
        "service.lifecycle",
        "service.connection",
        "service.connections",
    ),
    ("service.lingering", "service.loading", "service.sealing", "service.slots"),
    ("service.siblings", "service.threads", "service.turns"),
    ("service.telemetry",),
    ("service.problems", "service.unparsed"),
    ("service.asking", "service.turnstile"),
    ("service.endpoints", "service.healthcheck", "service.ops"),
    ("service.app",),
    ("service.stopping",),
    ("service.worker",),
)
"""From the bottom up: a module imports its own layer and those below."""

WITHOUT_TORCH = ("model.artifact", "model.engines", "model.features", "model.labels", "model.reference")
"""What the service may import of the model, so that an engine without torch can serve."""


def modules(package: str) -> list[Path]:
    return sorted(path for path in (ROOT / package).rglob("*.py") if not path.name.endswith(".conf.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(module: str) -> int | None:
    for height, members in enumerate(LAYERS):
        if any(module == member or module.startswith(member + ".") for member in members):
            return height
    return None


def name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", modules("service"), ids=name)
def test_the_service_imports_downwards_only(path: Path) -> None:
    own = layer(name(path))
    if path.name == "__init__.py":
        assert not list(imports(path))
        return
    assert own is not None, f"{name(path)} has no layer yet"
    for imported in imports(path):
        height = layer(imported)
        assert height is None or height <= own, f"{name(path)} imports {imported} from above"


@pytest.mark.parametrize("path", modules("model"), ids=name)
def test_the_model_knows_nothing_of_the_service(path: Path) -> None:
    for imported in imports(path):
        assert imported.split(".")[0] not in {"service", "flask", "gunicorn", "prometheus_client", "opentelemetry"}


@pytest.mark.parametrize("path", modules("service"), ids=name)
def test_the_service_reaches_torch_through_an_engine_only(path: Path) -> None:
    for imported in imports(path):
        assert imported.split(".")[0] not in {"torch", "torchvision", "tqdm"}
        if imported.startswith("model."):
            assert imported.startswith(WITHOUT_TORCH)
