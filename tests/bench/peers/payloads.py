"""What is sent: forms as curl's ``-F file=@`` makes them, all of the same picture."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

IMAGE = Path(__file__).parents[3] / "test_image.png"
SHOWS = "bird"
BOUNDARY = "a-picture-ends-here"


@dataclass(frozen=True)
class Payload:
    """The body of a request."""

    name: str
    images: int
    body: bytes

    def request(self, port: int, *, keep: bool) -> bytes:
        """All that goes over the wire."""
        head = (
            "POST /predict HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Connection: {'keep-alive' if keep else 'close'}",
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
            f"Content-Length: {len(self.body)}",
        )
        return "\r\n".join([*head, "", ""]).encode() + self.body


def payloads() -> dict[str, Payload]:
    """By name."""
    small = IMAGE.read_bytes()
    return {
        each.name: each
        for each in (
            Payload("png", 1, form([small])),
            Payload("jpeg", 1, form([large()], "jpeg")),
            Payload("eight", 8, form([small] * 8)),
        )
    }


def large() -> bytes:
    """The picture as a JPEG of 512x512."""
    out = io.BytesIO()
    Image.open(IMAGE).resize((512, 512), Image.Resampling.BICUBIC).save(out, "JPEG", quality=90)
    return out.getvalue()


def form(files: list[bytes], subtype: str = "png") -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{number}"\r\n'
        f"Content-Type: image/{subtype}\r\n\r\n".encode()
        + file
        + b"\r\n"
        for number, file in enumerate(files)
    ]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
