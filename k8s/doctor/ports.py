"""Ports of failing probes: whether the application listens on them or on others."""

import re

from k8s.doctor.fields import number, text
from k8s.doctor.finding import HIGH, MEDIUM, Confidence
from k8s.doctor.probing import NO_PORT, Failing

_LISTENS = re.compile(
    r"(?:Listening at: |Running on )\S*?:(\d{2,5})\b|Serving HTTP on \S+ port (\d{2,5})\b"
    r"|listening on (?:port )?(?:\S*:)?(\d{2,5})(?![.\d])",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"connection refused|connect: no route|connection reset")
_ASKED = re.compile(r"dial tcp \S+:(\d+): ")
_LOCAL = re.compile(r"(?<=Serving HTTP on )127\S+|(?<=Listening at: http://)127[^:]+|(?<=Running on http://)127[^:]+")


def wrong_port(failing: Failing) -> tuple[str, Confidence] | None:
    """Why the probe's port is wrong, or ``None``."""
    container, port = failing.container, failing.port
    declared = {text(each, "name"): number(each, "containerPort") for each in container.ports}
    ports = ", ".join(f"{number} ({name})" if name else str(number) for name, number in declared.items())
    if isinstance(port, str) and not port.isdigit():
        if container.spec and port not in declared:
            return f"there is no port named {port}, only {ports or 'none at all'}", HIGH
        port = declared.get(port)
    if match := NO_PORT.search(failing.message):
        return f"there is no port named {match[1] or match[2] or port}, only {ports or 'none at all'}", HIGH
    if not _REFUSED.search(failing.message) or port is None:
        return None
    port = int(port)
    listens = {found for line in container.lines() if (found := listening(line))}
    if listens and port not in listens and port not in declared.values():
        return f"nothing listens on {port}; the log says it listens on {min(listens)}", HIGH
    if declared and port not in declared.values():
        return f"nothing listens on {port}; the container's ports are {ports}", HIGH if not listens else MEDIUM
    return None


def elsewhere(failing: Failing) -> str:
    """A hint at another address on which the application listens, according to its log."""
    if not _REFUSED.search(failing.message):
        return ""
    asked = _ASKED.search(failing.message)
    for line in reversed(failing.container.lines()):
        if local := _LOCAL.search(line):
            return f"; its log says that it listens on {local[0]} only, where no probe gets"
        if asked and (port := listening(line)) and port != int(asked[1]):
            return f"; its log says that it listens on port {port}"
    return ""


def listening(line: str) -> int | None:
    """The listening port in a log line, or ``None``."""
    found = _LISTENS.search(line)
    return int(found[1] or found[2] or found[3]) if found else None
