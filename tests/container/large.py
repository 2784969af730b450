"""The uploads that take most memory."""

import io
import math

from PIL import Image

from service.settings import Settings
from tests.e2e.traffic import BIRD
from tests.service.pictures import encoded


def largest_upload() -> bytes:
    """The bird, with as many pixels and as many bytes as are let in.

    It is a lossless WebP image: of all formats, its decoder takes most.
    """
    settings = Settings()
    side = math.isqrt(settings.max_image_pixels)
    with Image.open(io.BytesIO(BIRD)) as bird:
        enlarged = bird.convert("RGB").resize((side, side), Image.Resampling.NEAREST)
    image = encoded(enlarged, "WEBP", lossless=True)
    return image + bytes(settings.max_body_bytes - len(image))  # what follows the image is not looked at
