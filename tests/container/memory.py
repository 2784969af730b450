"""A container's memory, read from its control group (version 1 or 2), and the upload that needs the most memory."""

import io
import math
from dataclasses import dataclass

from PIL import Image

from service.settings import Settings
from tests.e2e.traffic import BIRD
from tests.service.pictures import encoded

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
"""A shell command that prints ``file:line``."""


@dataclass(frozen=True)
class Memory:
    """In bytes, at the moment of reading."""

    usage: int
    peak: int
    """The highest usage so far."""
    cache: int
    """Page cache of files, which the kernel charges to their first reader and can reclaim."""
    idle_cache: int
    kills: int
    """Processes killed by the OOM killer so far."""

    @property
    def held(self) -> int:
        """Memory that cannot be reclaimed; at the limit it triggers the OOM killer."""
        return self.usage - self.cache

    @property
    def working_set(self) -> int:
        """As the kubelet and ``kubectl top`` count it."""
        return self.usage - self.idle_cache


def parse(printed: str) -> Memory:
    """Parse the output of :data:`COMMAND`."""
    found: dict[str, int] = {}
    for line in printed.splitlines():
        file, _, content = line.partition(":")
        *name, value = content.split()
        if value.isdecimal():
            found[" ".join([file, *name])] = int(value)
    first = "memory.usage_in_bytes" in found
    total, files = ("total_", "cache") if first else ("", "file")  # version 1 counts child groups separately
    return Memory(
        usage=found["memory.usage_in_bytes" if first else "memory.current"],
        peak=found["memory.max_usage_in_bytes" if first else "memory.peak"],
        cache=found[f"memory.stat {total}{files}"] - found[f"memory.stat {total}shmem"],
        idle_cache=found[f"memory.stat {total}inactive_file"],
        kills=found["memory.oom_control oom_kill" if first else "memory.events oom_kill"],
    )


def largest_upload() -> bytes:
    """A picture of a bird with the maximum of pixels and bytes; lossless WebP, whose decoder needs the most memory."""
    settings = Settings()
    side = math.isqrt(settings.max_image_pixels)
    with Image.open(io.BytesIO(BIRD)) as bird:
        enlarged = bird.convert("RGB").resize((side, side), Image.Resampling.NEAREST)
    image = encoded(enlarged, "WEBP", lossless=True)
    return image + bytes(settings.max_body_bytes - len(image))  # decoders ignore bytes after the image
