"""``python -m tests.k8s.drill.sample NAME``: a drill as docs/troubleshooting.md shows it.

The real drill, doctor and kubectl; the cluster is a fake that plays a recording.
"""

import os
import sys
import tempfile
from pathlib import Path

from k8s.drill.__main__ import main
from tests.k8s.apiserver import kubeconfig
from tests.k8s.apiserver.server import FakeApiServer
from tests.k8s.apiserver.serving import serving
from tests.k8s.drill.play import cluster


def sample(name: str) -> int:
    with tempfile.TemporaryDirectory() as folder, serving(FakeApiServer(cluster(name))) as fake:
        configured = kubeconfig.write(Path(folder) / "config", fake.port, "kind-kind")
        os.environ |= {"KUBECONFIG": str(configured), "KUBECACHEDIR": folder}
        return main([name])


if __name__ == "__main__":
    sys.exit(sample(sys.argv[1]))
