"""The command that starts a rollout, and ``kubectl rollout status``, which waits until it is complete."""

import asyncio
import contextlib
import json
import re
import shlex
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

END_SECONDS = 5.0


class CommandFailed(Exception):
    """The command that failed, and how."""


async def run(command: Sequence[str], *, stdin: int | None = None) -> None:
    """Run it with its output on stderr, because stdout is for the report. Raises :class:`CommandFailed`.

    Cancellation terminates it.
    """
    await finish(command, stdin, sys.stderr.fileno())


async def output(command: Sequence[str]) -> str:
    """The command's output. Raises :class:`CommandFailed`."""
    return (await finish(command, DEVNULL, PIPE)).decode(errors="replace")


async def finish(command: Sequence[str], stdin: int | None, stdout: int) -> bytes:
    process = await asyncio.create_subprocess_exec(*command, stdin=stdin, stdout=stdout)
    try:
        printed, _ = await process.communicate()
    finally:
        await end(process)
    if code := process.returncode or 0:
        how = "exited with" if code > 0 else "was killed by signal"
        raise CommandFailed(f"`{shlex.join(command)}` {how} {abs(code)}")
    return printed or b""


async def end(process: Process) -> None:
    """Send SIGTERM, and SIGKILL after :data:`END_SECONDS`."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), END_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


WORKLOADS = {
    "deployment": ("deployment", "deployments", "deploy"),
    "statefulset": ("statefulset", "statefulsets", "sts"),
    "daemonset": ("daemonset", "daemonsets", "ds"),
}
KINDS = {name: kind for kind, names in WORKLOADS.items() for name in names}

CLUSTER_OPTIONS = ("--namespace", "--context", "--kubeconfig", "--cluster", "--user", "--server", "--token", "--as")
FILE_OPTIONS = ("--filename", "--kustomize")
OTHER_OPTIONS = ("--output", "--selector", "--patch", "--replicas", "--to-revision", "--field-manager")
"""Other options with a value."""
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
    """A parsed kubectl command. Options are one word each: ``--namespace=cifar10``."""

    executable: str
    words: list[str]
    cluster: list[str]
    """Options for the cluster and the namespace."""
    files: list[str]
    """Options for the applied files."""

    def status(self, workload: str, *options: str) -> list[str]:
        return [self.executable, "rollout", "status", workload, *self.cluster, *options]


def parse(command: Sequence[str]) -> Kubectl | None:
    """``None`` for other commands, and for kubectl commands that start no rollout."""
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
    """The workloads, as ``deployment/name``, in words such as ``deploy/name`` or ``deployment name other``."""
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
    """The commands that wait for the rollout; none if the workload is unknown.

    Call it after the command has ended: workloads of applied files are read from the cluster.
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
