"""What a Kubernetes 1.36 node answered while faults were live on it.

They were injected into a stand-in under the project's names; ``columns`` is READY and STATUS as kubectl printed them.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from k8s.drill.signals import View

FOLDER = Path(__file__).parent / "recordings"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


@dataclass(frozen=True)
class Recording:
    view: View
    columns: dict[str, list[str]]


def recording(name: str) -> Recording:
    told = json.loads((FOLDER / f"{name}.json").read_text())
    return Recording(View(tuple(told["pods"]), tuple(told["events"])), told["columns"])
