"""Image files made on the spot."""

import io
from typing import Any

from PIL import Image

from tests.service.fakes import red_for


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def plain(label: str, size: tuple[int, int] = (32, 32), kind: str = "PNG") -> bytes:
    """A one-coloured image file that the fake engine takes for ``label``."""
    return encoded(Image.new("RGB", size, (red_for(label), 90, 90)), kind)
