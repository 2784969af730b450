"""Why a container exited, from its exit code and the end of its log."""

from collections.abc import Sequence

from k8s.doctor.families import models
from k8s.doctor.fields import strings
from k8s.doctor.finding import HIGH, MEDIUM, Confidence
from k8s.doctor.logs import find, last_words
from k8s.doctor.pods import Container
from k8s.doctor.terminations import Termination

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


def explained(container: Container, end: Termination, lines: Sequence[str]) -> tuple[str, str, Confidence]:
    """Cause, log line and confidence."""
    words = last_words(lines)
    told = [*lines, *end.message.splitlines()]
    if line := find(told, r"exec format error"):
        return "image-wrong-platform", line, HIGH
    if line := find(told, r"^exec \S+: (?:no such file|permission denied)"):
        return "executable-not-runnable" if "denied" in line else "executable-not-found", line, HIGH
    if end.code == 0:
        told_to = container.liveness and not container.events()  # the kubelet may have sent SIGTERM
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
        return "gunicorn-app-not-loaded", "", MEDIUM  # the image's own command, which is gunicorn
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
