"""The last log lines of containers, and the most informative one among them."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Key = tuple[str, str]
"""Pod and container."""

_PREFIX = re.compile(r"\[pod/([^/\]]+)/([^/\]]+)\] ?(.*)")
_NOT_A_LOG = re.compile(
    r"Error from server|No resources found|[Uu]nable to retrieve (?:container|logs)|failed to try resolving symlinks"
    r"|error: (?:You must be logged in|the server |timed out waiting|a container name must be|expected 'logs)"
)
_CHOSEN = re.compile(r'Found \d+ pods, using pod/(?P<pod>\S+)|Defaulted container "(?P<container>[^"]+)" out of: .*')
"""kubectl's own messages about the pod and the container whose log follows."""
_TROUBLE = re.compile(
    r"error|fatal|panic|exception|fail|cannot|can't|can not|denied|refused|not found|no such|invalid|unrecognized"
    r"|must be|unable to|not valid|damaged|not a setting",
    re.IGNORECASE,
)
_NOT_THE_REASON = re.compile(
    r"Worker failed to boot|Shutting down|Worker exiting|Reason: App failed to load|^During handling"
    r'|"(?:GET|HEAD|POST|PUT) \S+ HTTP/[\d.]+"'
)


@dataclass(frozen=True)
class Logs:
    """Lines by pod and container; ``loose`` are lines without a prefix."""

    known: Mapping[Key, Sequence[str]] = field(default_factory=dict)
    loose: Sequence[str] = ()
    chosen: Key = ("", "")
    """Pod and container of the loose lines; empty if unknown."""

    @classmethod
    def parse(cls, content: str) -> "Logs":
        """Parse the output of ``kubectl logs``, with or without ``--prefix``. kubectl's error messages are dropped."""
        known: dict[Key, list[str]] = {}
        loose: list[str] = []
        pod = container = ""
        for line in content.splitlines():
            if match := _PREFIX.fullmatch(line):
                known.setdefault((match[1], match[2]), []).append(match[3])
            elif match := _CHOSEN.fullmatch(line):
                pod, container = match["pod"] or pod, match["container"] or container
            elif line.strip() and not _NOT_A_LOG.match(line):
                loose.append(line)
        return cls(known, loose, (pod, container))

    def dump(self) -> str:
        lines = [f"[pod/{pod}/{container}] {line}" for (pod, container), all_ in self.known.items() for line in all_]
        pod, container = self.chosen
        head = [f"Found 2 pods, using pod/{pod}"] if pod else []
        head += [f'Defaulted container "{container}" out of: {container}'] if container else []
        return "".join(f"{line}\n" for line in [*head, *self.loose, *lines])

    def of(self, pod: str, container: str, *, loose: bool = True) -> list[str]:
        """The lines of the container. ``loose`` tells whether lines without a prefix can only be its own."""
        lines = self.known.get((pod, container), ())
        if not self.known and self.chosen in [(p, c) for p in ("", pod) for c in ("", container)]:
            lines = self.loose if loose or container == self.chosen[1] else ()
        return [message(line) for line in lines]

    def __bool__(self) -> bool:
        return bool(self.known or self.loose)


def message(line: str) -> str:
    """The message of a JSON log line; other lines unchanged."""
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
    """The end of the last traceback, else the last line with an error word, else the last line."""
    starts = [
        index for index, line in enumerate(lines) if line.lstrip().startswith("Traceback (most recent call last)")
    ]
    if starts:
        rest = lines[starts[-1] + 1 :]
        ends = (line.strip() for line in rest if line.strip() and not line[0].isspace())
        if found := next((line for line in ends if not _NOT_THE_REASON.search(line)), ""):
            return found
    telling = [line.strip() for line in lines if line.strip() and not _NOT_THE_REASON.search(line)]
    return next((line for line in reversed(telling) if _TROUBLE.search(line)), telling[-1] if telling else "")
