"""When a rollout is complete: ``kubectl rollout status`` of what the command was about."""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

WORKLOADS = {
    "deployment": ("deployment", "deployments", "deploy"),
    "statefulset": ("statefulset", "statefulsets", "sts"),
    "daemonset": ("daemonset", "daemonsets", "ds"),
}
KINDS = {name: kind for kind, names in WORKLOADS.items() for name in names}

CLUSTER_OPTIONS = ("--namespace", "--context", "--kubeconfig", "--cluster", "--user", "--server", "--token", "--as")
FILE_OPTIONS = ("--filename", "--kustomize")
OTHER_OPTIONS = ("--output", "--selector", "--patch", "--replicas", "--to-revision", "--field-manager")
"""They have a value too, which is no name."""
SHORT = {
    "-n": "--namespace",
    "-s": "--server",
    "-f": "--filename",
    "-k": "--kustomize",
    "-o": "--output",
    "-l": "--selector",
    "-p": "--patch",
}
NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")

Output = Callable[[Sequence[str]], Awaitable[str]]


@dataclass(frozen=True)
class Kubectl:
    """A kubectl command taken apart; options are written as one word, ``--namespace=cifar10``."""

    executable: str
    words: list[str]
    cluster: list[str]
    """The options that say which cluster and namespace."""
    files: list[str]
    """Those that say what is applied."""

    def status(self, workload: str, *options: str) -> list[str]:
        return [self.executable, "rollout", "status", workload, *self.cluster, *options]


def parse(command: Sequence[str]) -> Kubectl | None:
    """``None`` where it is no kubectl command, or one after which nothing is rolled out."""
    words: list[str] = []
    options: dict[str, list[str]] = {"cluster": [], "files": []}
    rest = list(command[1:])
    while rest:
        word = rest.pop(0)
        name, _, value = word.partition("=")
        if not word.startswith("--") and word[:2] in SHORT:
            name, value = SHORT[word[:2]], word[2:].removeprefix("=")
        kind = "cluster" if name in CLUSTER_OPTIONS else "files" if name in FILE_OPTIONS else None
        if kind or name in OTHER_OPTIONS:
            value = value or (rest.pop(0) if rest else "")
        if kind:
            options[kind].append(f"{name}={value}")
        elif word in ("-R", "--recursive"):
            options["files"].append("--recursive")
        elif not word.startswith("-"):
            words.append(word)
    dry = any(each.startswith("--dry-run") and each != "--dry-run=none" for each in command)
    if PurePath(command[0]).name != "kubectl" or words[:1] in ([], ["delete"]) or dry:
        return None
    return Kubectl(command[0], words, **options)


def named(words: Sequence[str]) -> list[str]:
    """Workloads, as ``deployment/name``, of words such as ``deploy/name`` or ``deployment name other``."""
    found: list[str] = []
    kind: str | None = None
    for word in words:
        before, slash, name = word.partition("/")
        of = KINDS.get(before.lower().removesuffix(".apps"))
        if not slash and of:
            kind = of
            continue
        of, name = (of, name) if slash else (kind, word)
        if of and NAME.fullmatch(name):
            found.append(f"{of}/{name}")
    return found


async def derive(command: Sequence[str], output: Output) -> list[list[str]]:
    """The commands that return once the rollout is complete; none where that cannot be told.

    Of what was applied from files, the cluster is asked. Call it when the command has ended.
    """
    kubectl = parse(command)
    if kubectl is None:
        return []
    if workloads := named(kubectl.words[1:]):
        return [kubectl.status(each) for each in workloads]
    if not kubectl.files or "--filename=-" in kubectl.files:
        return []
    found = json.loads(await output([kubectl.executable, "get", *kubectl.files, *kubectl.cluster, "--output=json"]))
    items = [item for item in found.get("items", [found]) if item["kind"].lower() in WORKLOADS]
    return [
        kubectl.status(f"{item['kind'].lower()}/{about['name']}", f"--namespace={about['namespace']}")
        for item in items
        for about in [item["metadata"]]
    ]
