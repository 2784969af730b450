"""Recordings of a Kubernetes 1.36 node with faults.

They were injected into a stand-in under the project's names. Recordings called ``…-early`` were made after a minute,
the others after two or three.
"""

from collections.abc import Iterator
from pathlib import Path

from k8s.doctor.snapshot import load
from k8s.drill.signals import View

FOLDER = Path(__file__).parents[1] / "recordings" / "kubernetes-1.36"
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/get-pods.txt"))


def view(name: str) -> View:
    """The pods and events of a recording."""
    seen = load(FOLDER / name)
    return View(tuple(dict(each) for each in seen.items if each["kind"] == "Pod"), tuple(map(dict, seen.events)))


def columns(name: str) -> dict[str, list[str]]:
    """READY and STATUS of each pod in kubectl's output."""
    _, *rows = (FOLDER / name / "get-pods.txt").read_text().splitlines()
    return {pod: told for pod, *told in (row.split()[:3] for row in rows)}


def printed() -> Iterator[str]:
    """Every recorded line of kubectl's output."""
    for path in FOLDER.rglob("*.txt"):
        yield from path.read_text().splitlines()
