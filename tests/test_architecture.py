"""Imports point downwards and form no cycle, so that each part can be understood by itself."""

import ast
from collections.abc import Iterator, Mapping, Set
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LAYERS = (
    (
        "service.errors",
        "service.healthcheck",
        "service.json_encoding",
        "service.lifecycle",
        "service.setting_parsers",
        "service.settings",
    ),
    ("service.inference", "service.multiprocess"),
    ("service.telemetry",),
    ("service.api",),
    ("service.app",),
    ("service.server",),
    ("service.gunicorn",),
)
"""From the bottom up: a module imports only its own layer and those below."""

PACKAGES = ("service", "model", "k8s", "monitoring", "dashboards")

WITHOUT_TORCH = ("model.artifact", "model.engines", "model.drift", "model.labels")
"""The modules of the model that the service may import: they do not need torch."""

MAX_LINES = 205
"""Lines of a file in service/."""


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def name(path: Path) -> str:
    """The module's name; ``service.gunicorn`` for gunicorn.conf.py, which no module can import."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part.removesuffix(".conf") for part in parts if part != "__init__")


@cache
def imports(path: Path) -> frozenset[str]:
    """The modules that are imported, and the names imported from them; also those imported inside functions."""
    return frozenset(_imports(ast.parse(path.read_text())))


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, "relative imports are not used"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(module: str) -> int | None:
    for height, members in enumerate(LAYERS):
        if any(module == member or module.startswith(member + ".") for member in members):
            return height
    return None


def cycle(graph: Mapping[str, Set[str]]) -> list[str]:
    """A cycle of the graph, its first node repeated at the end; empty if there is none."""
    finished: set[str] = set()

    def visit(node: str, path: list[str]) -> list[str]:
        if node in path:
            return [*path[path.index(node) :], node]
        if node not in finished:
            for target in sorted(graph[node]):
                if found := visit(target, [*path, node]):
                    return found
            finished.add(node)
        return []

    return next((found for node in sorted(graph) if (found := visit(node, []))), [])


def test_no_modules_import_each_other_in_a_cycle() -> None:
    modules = {name(path): path for package in PACKAGES for path in files(package)}
    assert cycle({module: (imports(path) & modules.keys()) - {module} for module, path in modules.items()}) == []


@pytest.mark.parametrize(
    ("graph", "found"),
    [
        ({"a": {"b", "c"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, ["b", "c", "b"]),
        ({"a": {"a"}}, ["a", "a"]),
    ],
    ids=["none", "two", "one"],
)
def test_cycles_are_found(graph: Mapping[str, Set[str]], found: list[str]) -> None:
    assert cycle(graph) == found


@pytest.mark.parametrize("path", files("service"), ids=name)
def test_the_service_imports_downwards_only(path: Path) -> None:
    if path.name == "__init__.py":
        assert not imports(path)
        return
    own = layer(name(path))
    assert own is not None, f"{name(path)} has no layer yet"
    for imported in imports(path):
        height = layer(imported)
        assert height is None or height <= own, f"{name(path)} imports {imported}, which is above it"


@pytest.mark.parametrize("path", files("service"), ids=name)
def test_no_file_of_the_service_is_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", files("model"), ids=name)
def test_the_model_does_not_import_the_service(path: Path) -> None:
    for imported in imports(path):
        assert imported.split(".")[0] not in {"service", "flask", "gunicorn", "prometheus_client", "opentelemetry"}


@pytest.mark.parametrize("path", files("service"), ids=name)
def test_the_service_imports_torch_only_through_an_engine(path: Path) -> None:
    for imported in imports(path):
        assert imported.split(".")[0] not in {"torch", "torchvision", "tqdm"}
        if imported.startswith("model."):
            assert imported.startswith(WITHOUT_TORCH)
