"""The request bodies: multipart forms, as ``curl -F file=@picture.png`` sends them."""

import io
from pathlib import Path

from PIL import Image

PICTURE = Path(__file__).parents[1] / "test_image.png"
BOUNDARY = "benchmark-boundary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def write(folder: Path) -> dict[str, Path]:
    """The file of each form: one PNG of 32x32, one JPEG of 512x512, and eight of those PNGs."""
    png = PICTURE.read_bytes()
    forms = {"png": form([png]), "jpeg": form([large_jpeg()]), "eight": form([png] * 8)}
    for name, body in forms.items():
        (folder / name).write_bytes(body)
    return {name: folder / name for name in forms}


def form(pictures: list[bytes]) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{number}"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n".encode()
        + picture
        + b"\r\n"
        for number, picture in enumerate(pictures)
    ]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def large_jpeg() -> bytes:
    out = io.BytesIO()
    with Image.open(PICTURE) as picture:
        picture.convert("RGB").resize((512, 512), Image.Resampling.BICUBIC).save(out, "JPEG", quality=90)
    return out.getvalue()
