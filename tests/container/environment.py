"""The variables that a container of the Deployment finds, as the kubelet would make them."""

import re

from tests.k8s.manifests import Manifests

OF_THE_POD = {
    "metadata.name": "cifar10-deployment-7cbf5496cb-4p9f7",
    "metadata.namespace": "default",
    "spec.nodeName": "node1",
}
"""What only a cluster knows: stand-ins."""


def environment(manifests: Manifests) -> dict[str, str]:
    """By name; ``$(NAME)`` stands for a variable defined further up, and for itself where there is none."""
    found: dict[str, str] = {}
    sources = {each["name"]: each.get("valueFrom", {}) for each in manifests.container.get("env", [])}
    for name, value in manifests.environment().items():
        if "fieldRef" in sources.get(name, {}):
            found[name] = OF_THE_POD[value]
        elif name in sources:
            found[name] = re.sub(r"\$\((\w+)\)", lambda match: found.get(match[1], match[0]), value)
        else:  # from a ConfigMap, where nothing is replaced
            found[name] = value
    return found
