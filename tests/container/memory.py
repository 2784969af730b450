"""What the kernel counts of a container's memory: control groups of version 1 and 2, as seen from inside."""

from dataclasses import dataclass

FILES = {
    "memory.stat",
    "memory.current",
    "memory.peak",
    "memory.events",
    "memory.usage_in_bytes",
    "memory.max_usage_in_bytes",
    "memory.oom_control",
}
COMMAND = f"cd /sys/fs/cgroup/memory 2>/dev/null || cd /sys/fs/cgroup; grep -s '' {' '.join(sorted(FILES))} || true"
"""Prints ``file:line``; a shell's."""


@dataclass(frozen=True)
class Memory:
    """Bytes now, unless it says otherwise."""

    usage: int
    peak: int
    """The highest usage so far."""
    cache: int
    """Files in the page cache, which is counted to whoever read them first, and which the kernel can take back."""
    idle_cache: int
    kills: int
    """Processes killed for want of memory, so far."""

    @property
    def held(self) -> int:
        """What can't be taken back: at the limit, this is what kills."""
        return self.usage - self.cache

    @property
    def working_set(self) -> int:
        """As the kubelet counts it, and ``kubectl top``."""
        return self.usage - self.idle_cache


def parse(printed: str) -> Memory:
    """Read what :data:`COMMAND` prints."""
    found: dict[str, int] = {}
    for line in printed.splitlines():
        file, _, content = line.partition(":")
        *name, value = content.split()
        if value.isdecimal():
            found[" ".join([file, *name])] = int(value)
    first = "memory.usage_in_bytes" in found
    total, files = ("total_", "cache") if first else ("", "file")  # with those below, where there is a difference
    return Memory(
        usage=found["memory.usage_in_bytes" if first else "memory.current"],
        peak=found["memory.max_usage_in_bytes" if first else "memory.peak"],
        cache=found[f"memory.stat {total}{files}"] - found[f"memory.stat {total}shmem"],
        idle_cache=found[f"memory.stat {total}inactive_file"],
        kills=found["memory.oom_control oom_kill" if first else "memory.events oom_kill"],
    )
