"""Containers that end by themselves: exit codes, joined with the last thing that was written."""

from collections.abc import Iterator, Sequence

from k8s.doctor import commands
from k8s.doctor.containers import Container
from k8s.doctor.ends import killed_by_probe, relevant_end
from k8s.doctor.families import models
from k8s.doctor.families.starts import failed_hook, never_ran
from k8s.doctor.fields import strings, true
from k8s.doctor.finding import HIGH, MEDIUM, Confidence, Evidence, Finding
from k8s.doctor.logs import find, last_words
from k8s.doctor.terminations import Termination
from k8s.doctor.workloads import Workload

SIGNALS = {129: "SIGHUP", 130: "SIGINT", 132: "SIGILL", 134: "SIGABRT", 135: "SIGBUS", 136: "SIGFPE", 139: "SIGSEGV"}

READ_ONLY = r"read-only file ?system|EROFS|\[Errno 30\]"
_SETTING = r"PREDICTOR_|setting|config|must be|is not valid|expected|invalid|environment variable"
_NOT_LOADED = (
    r"Worker failed to boot|App failed to load|Failed to find attribute|Failed to parse .* as an attribute name"
    r"|ModuleNotFoundError|ImportError|No module named|AppImportError|WSGI"
)
_PORT = r"address (?:is )?already in use|Connection in use|EADDRINUSE|\[Errno 98\]"
_USAGE = r"unrecognized arguments?|unknown (?:flag|option|argument)|invalid (?:choice|option)|error: argument|^usage:"
_OUT_OF_MEMORY = r"MemoryError|Cannot allocate memory|OutOfMemory|out of memory|std::bad_alloc|DefaultCPUAllocator"
_NO_COMMAND = r"not found|No such file or directory"


def diagnose(workload: Workload) -> Iterator[Finding]:
    for pod in workload.alive:
        for container in pod.containers:
            end = relevant_end(container)
            if end is None and (line := _hindered(container)):
                yield _unready(workload, container, line)
            if end is None or end.reason == "OOMKilled" or never_ran(end.code, end.reason) or failed_hook(container):
                continue
            if not killed_by_probe(container) and end.code not in (137, 143):
                yield _explain(workload, container, end)


def _hindered(container: Container) -> str:
    """The line in which a container that is up, but not ready, complains of its file system."""
    up = container.running and not container.ready
    return find(container.recent_lines(), READ_ONLY) if up else ""


def _unready(workload: Workload, container: Container, line: str) -> Finding:
    pod, path = container.pod, f"{container.spec_path}.securityContext.readOnlyRootFilesystem"
    read_only = true(container.spec, "securityContext", "readOnlyRootFilesystem")
    return Finding(
        "file-system-read-only",
        f"The {container.described} runs, but is not ready, and writes where its file system is read-only: {line}",
        HIGH if read_only else MEDIUM,
        (
            Evidence(pod.ref, "log", line),
            Evidence(pod.ref, path, "true" if read_only else "(not set)"),
            Evidence(pod.ref, f"{container.status_path}.ready", "false, though it runs"),
        ),
        next=(commands.logs(workload, container),),
        fix=_fix("file-system-read-only", workload, container),
        pods=(pod.name,),
        old=pod.old,
    )


def _explain(workload: Workload, container: Container, end: Termination) -> Finding:
    pod, lines = container.pod, container.lines()
    cause, line, confidence = _cause(container, end, lines)
    evidence = [Evidence(pod.ref, f"{container.status_path}.{end.state}.terminated", _ended(container, end))]
    if container.waiting:
        evidence.append(Evidence(pod.ref, f"{container.status_path}.state.waiting.reason", container.waiting))
    if line:
        evidence.append(Evidence(pod.ref, "log", line))
    if end.message:
        evidence.append(
            Evidence(pod.ref, f"{container.status_path}.{end.state}.terminated.message", end.message.strip()[-300:])
        )
    if not lines:
        evidence.append(Evidence(pod.ref, "log", "(empty, or not read)"))
    if not container.waiting and container.ready and confidence is HIGH:
        confidence = MEDIUM  # it is up again
    return Finding(
        cause,
        _sentence(cause, container, end, line),
        confidence,
        tuple(evidence),
        next=(commands.logs(workload, container, previous=container.restarts > 0),),
        fix=_fix(cause, workload, container),
        pods=(pod.name,),
        old=pod.old,
    )


def _ended(container: Container, end: Termination) -> str:
    ran = f" after {end.seconds:.0f} s" if end.seconds is not None else ""
    return f"exit code {end.code}, reason {end.reason or 'none'}{ran}; {container.restarts} restarts"


def _cause(container: Container, end: Termination, lines: Sequence[str]) -> tuple[str, str, Confidence]:
    """Cause, the line of the log that tells it, and how sure that is."""
    words = last_words(lines)
    told = [*lines, *end.message.splitlines()]
    if line := find(told, r"exec format error"):
        return "image-wrong-platform", line, HIGH
    if line := find(told, r"^exec \S+: (?:no such file|permission denied)"):
        return "executable-not-runnable" if "denied" in line else "executable-not-found", line, HIGH
    if end.code == 0:
        told_to = container.liveness and not container.events()  # it may have ended because the kubelet told it to
        return "container-completed", words, MEDIUM if told_to else HIGH
    if end.code == 78:
        return "setting-refused", find(lines, _SETTING) or words, HIGH
    if line := find(told, READ_ONLY):
        return "file-system-read-only", line, HIGH
    if found := models.damage(told):
        return "model-damaged", found, HIGH
    if line := find(told, _PORT):
        return "port-in-use", line, HIGH
    if end.code == 127 and (line := find(told, _NO_COMMAND) or words):
        return "executable-not-found", line, HIGH
    if end.code in (126, 127):
        return ("executable-not-runnable" if end.code == 126 else "executable-not-found"), words, MEDIUM
    if end.code in (3, 4) and _is_gunicorn(container, lines):
        return "gunicorn-app-not-loaded", words if words != find(lines, r"Worker failed") else "", HIGH
    if end.code in (3, 4) and not lines and not strings(container.spec, "command"):
        return "gunicorn-app-not-loaded", "", MEDIUM  # the image's own command; hardly anything else ends with these
    if end.code == 1 and _is_gunicorn(container, lines) and (line := find(lines, _NOT_LOADED)):
        return "gunicorn-app-not-loaded", words or line, HIGH
    if end.code in (2, 64) and (line := find(lines, _USAGE)):
        return "command-line-refused", find(lines, _USAGE.replace("|^usage:", "")) or line, HIGH
    if line := find(told, _OUT_OF_MEMORY):
        return "out-of-memory", line, MEDIUM
    if container.init and not container.sidecar:
        return "init-container-failed", words, HIGH
    return "application-crashed", words, HIGH if words else MEDIUM


def _is_gunicorn(container: Container, lines: Sequence[str]) -> bool:
    command = " ".join([*strings(container.spec, "command"), *strings(container.spec, "args")])
    return "gunicorn" in command or bool(
        find(lines, r"gunicorn|Booting worker|Worker failed to boot|App failed to load")
    )


def _sentence(cause: str, container: Container, end: Termination, line: str) -> str:
    who = container.described
    says = f": {line}" if line else ", and its log does not say why"
    match cause:
        case "container-completed":
            return f"The {who} ends by itself with exit code 0, but is expected to go on running."
        case "setting-refused":
            return f"The {who} refuses its configuration (exit code 78){says}"
        case "file-system-read-only":
            return f"The {who} writes where its file system is read-only{says}"
        case "model-damaged":
            return f"The model in {who} is damaged or wrong{says}"
        case "port-in-use":
            return f"The port that {who} wants to listen on is taken{says}"
        case "executable-not-found":
            return f"A program that {who} calls is not in the image (exit code {end.code}){says}"
        case "executable-not-runnable":
            return f"A program that {who} calls may not be executed (exit code {end.code}){says}"
        case "image-wrong-platform":
            return f"The image {container.image} of {who} is built for another platform than the node's."
        case "gunicorn-app-not-loaded":
            return f"gunicorn in {who} can't load the application it is told to serve (exit code {end.code}){says}"
        case "command-line-refused":
            return f"The program in {who} does not understand its command line (exit code {end.code}){says}"
        case "out-of-memory":
            return f"The {who} runs out of memory{says}"
    signal = f", {SIGNALS[end.code]}" if end.code in SIGNALS else ""
    soon = f" after {end.seconds:.0f} s" if end.seconds else ""
    return f"The {who} ends by itself{soon} with exit code {end.code}{signal}{says}"


def _fix(cause: str, workload: Workload, container: Container) -> tuple[str, ...]:
    advice = {
        "container-completed": "a command that keeps running, or a Job for work that ends",
        "setting-refused": "env and envFrom: the value that the log names",
        "file-system-read-only": "an emptyDir mounted where the log says it writes",
        "model-damaged": "an image with the right model",
        "port-in-use": "ports of containers of one pod, or on hostNetwork, must differ",
        "executable-not-found": "command and args",
        "gunicorn-app-not-loaded": "module:attribute in command or args, and that the image has the module",
        "command-line-refused": "args",
        "out-of-memory": "a higher resources.limits.memory",
        "image-wrong-platform": "an image for the node's platform, or a nodeSelector kubernetes.io/arch",
    }.get(cause, "command, args and env; or an image in which the error is mended")
    return commands.back(workload, container.pod, commands.edit(workload, advice))
