"""kubectl's configuration, leading to a fake API server."""

import json
from pathlib import Path


def write(path: Path, port: int, *contexts: str, namespace: str = "default") -> Path:
    """Let all contexts lead to a port of this machine; the first is the current one."""
    chosen = {"cluster": "fake", "user": "dev", "namespace": namespace}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "fake", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "dev", "user": {}}],
        "contexts": [{"name": name, "context": chosen} for name in contexts],
        "current-context": contexts[0],
    }
    path.write_text(json.dumps(content))
    return path
