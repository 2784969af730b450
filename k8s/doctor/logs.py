"""The last lines that containers wrote, and the one line among them that tells the most."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Key = tuple[str, str]
"""Pod and container."""

_PREFIX = re.compile(r"\[pod/([^/\]]+)/([^/\]]+)\] ?(.*)")
_NOT_A_LOG = re.compile(r"Error from server|Defaulted container|error: |No resources found|Unable to retrieve ")
_TROUBLE = re.compile(
    r"error|fatal|panic|exception|fail|cannot|can't|can not|denied|refused|not found|no such|invalid|unrecognized"
    r"|must be|unable to|not valid|damaged|not a setting",
    re.IGNORECASE,
)
_AFTERMATH = re.compile(
    r"Worker failed to boot|Shutting down|Worker exiting|Reason: App failed to load|^During handling"
)


@dataclass(frozen=True)
class Logs:
    """Lines by pod and container; ``loose`` are lines of which nobody knows whose they are."""

    known: Mapping[Key, Sequence[str]] = field(default_factory=dict)
    loose: Sequence[str] = ()

    @classmethod
    def parse(cls, content: str) -> "Logs":
        """What ``kubectl logs`` printed, with or without ``--prefix``; its own error messages are no log."""
        known: dict[Key, list[str]] = {}
        loose: list[str] = []
        for line in content.splitlines():
            match = _PREFIX.fullmatch(line)
            if match:
                known.setdefault((match[1], match[2]), []).append(match[3])
            elif line.strip() and not _NOT_A_LOG.match(line):
                loose.append(line)
        return cls(known, loose)

    def dump(self) -> str:
        lines = [f"[pod/{pod}/{container}] {line}" for (pod, container), all_ in self.known.items() for line in all_]
        return "".join(f"{line}\n" for line in [*self.loose, *lines])

    def of(self, pod: str, container: str) -> list[str]:
        """What is known to be this container's, else what nobody else wrote."""
        lines = self.known.get((pod, container)) or ([] if self.known else self.loose)
        return [message(line) for line in lines]

    def __bool__(self) -> bool:
        return bool(self.known or self.loose)


def message(line: str) -> str:
    """The message of a JSON log line; other lines as they are."""
    if line.startswith("{"):
        try:
            parsed = json.loads(line)
        except ValueError:
            return line
        if isinstance(parsed, dict):
            for key in ("message", "msg", "event", "error"):
                if isinstance(parsed.get(key), str):
                    tail = parsed.get("exception") or parsed.get("exc_info") or ""
                    return f"{parsed[key]} {tail}".strip() if isinstance(tail, str) else str(parsed[key])
    return line


def find(lines: Sequence[str], pattern: str) -> str:
    """The last line that matches, or an empty one."""
    return next((line.strip() for line in reversed(lines) if re.search(pattern, line, re.IGNORECASE)), "")


def last_words(lines: Sequence[str]) -> str:
    """The end of the last traceback, else the last line that speaks of trouble, else the last line."""
    starts = [
        index for index, line in enumerate(lines) if line.lstrip().startswith("Traceback (most recent call last)")
    ]
    if starts:
        rest = lines[starts[-1] + 1 :]
        ends = (line.strip() for line in rest if line.strip() and not line[0].isspace())
        if found := next((line for line in ends if not _AFTERMATH.search(line)), ""):
            return found
    telling = [line.strip() for line in lines if line.strip() and not _AFTERMATH.search(line)]
    return next((line for line in reversed(telling) if _TROUBLE.search(line)), telling[-1] if telling else "")
