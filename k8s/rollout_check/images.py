"""Images as requests."""

import uuid
from dataclasses import dataclass
from pathlib import Path

from k8s.rollout_check.target import Target

DEFAULT = Path(__file__).resolve().parents[2] / "test_image.png"


@dataclass(frozen=True)
class Image:
    """A picture; its name tells it from others in the report."""

    name: str
    data: bytes

    @classmethod
    def read(cls, path: Path) -> "Image":
        """Raises ``OSError``."""
        return cls(path.name, path.read_bytes())

    def request(self, target: Target, keep: bool) -> bytes:
        """What goes over the wire: a form with one part, ``file``, as curl's ``-F file=@`` sends it."""
        boundary = uuid.uuid4().hex
        form = b"".join([
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="image"\r\n'.encode(),
            b"Content-Type: application/octet-stream\r\n\r\n",
            self.data,
            f"\r\n--{boundary}--\r\n".encode(),
        ])  # fmt: skip
        lines = [
            f"POST {target.path} HTTP/1.1",
            f"Host: {target.host}",
            "User-Agent: rollout-check",
            "Accept: application/json",
            f"Connection: {'keep-alive' if keep else 'close'}",
            f"Content-Type: multipart/form-data; boundary={boundary}",
            f"Content-Length: {len(form)}",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + form
