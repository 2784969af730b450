import io

import numpy as np
import pytest
from PIL import Image

from tests.e2e.server import Server
from tests.e2e.traffic import BIRD, SAMPLES
from tests.service.pictures import encoded


def open_bird(size: int = 256) -> Image.Image:
    with Image.open(io.BytesIO(BIRD)) as image:
        return image.resize((size, size), Image.Resampling.BICUBIC)


def transparent_palette() -> bytes:
    return encoded(open_bird().convert("P"), transparency=0)


def sixteen_bit_grey() -> bytes:
    grey = np.asarray(open_bird().convert("L")).astype(np.uint16) << 8
    return encoded(Image.fromarray(grey))


def animation() -> bytes:
    frames = [open_bird().convert("P"), Image.new("P", (256, 256))]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100, loop=0)


ODD = {
    "one pixel": encoded(Image.new("RGB", (1, 1))),
    "one pixel wide": encoded(Image.new("RGB", (1, 4000))),
    "one pixel high": encoded(Image.new("RGB", (4000, 1))),
    "animated": animation(),
    "CMYK": encoded(open_bird().convert("CMYK"), "JPEG"),
    "16 bit grey": sixteen_bit_grey(),
    "transparent palette": transparent_palette(),
    "grey and alpha": encoded(open_bird().convert("LA")),
    "black and white": encoded(open_bird().convert("1")),
    "progressive": encoded(open_bird(), "JPEG", progressive=True),
    "interlaced WebP": encoded(open_bird(), "WEBP", lossless=True),
    "bytes after the end": BIRD + b"and more" * 1000,
}


@pytest.mark.parametrize("kind", ODD)
def test_an_unusual_image_is_answered(sturdy: Server, kind: str) -> None:
    assert sturdy.predict(ODD[kind]).status_code == 200


@pytest.mark.parametrize("kind", ["PNG", "BMP", "WEBP"])
def test_the_same_pixels_in_another_format_get_the_same_answer(server: Server, kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    with Image.open(io.BytesIO(SAMPLES["horse"])) as image:
        copy = encoded(image, kind, **options)
    assert probabilities(server, copy) == pytest.approx(probabilities(server, SAMPLES["horse"]), abs=1e-3)


@pytest.mark.parametrize(("orientation", "stored"), [(3, 180), (6, 90), (8, 270)])
def test_a_photograph_held_sideways_gets_the_answer_of_the_upright_one(
    server: Server, orientation: int, stored: int
) -> None:
    # Blocks of 8 pixels, which JPEG's own blocks turn with, so that turning first changes no pixel.
    upright = open_bird(32).resize((256, 256), Image.Resampling.NEAREST)
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = encoded(upright.rotate(stored), "JPEG", exif=exif, quality=100, subsampling=0)
    expected = probabilities(server, encoded(upright, "JPEG", quality=100, subsampling=0))
    assert probabilities(server, turned) == pytest.approx(expected, abs=0.05)


def probabilities(server: Server, image: bytes) -> dict[str, float]:
    found: dict[str, float] = server.predict(image).json()["probabilities"]
    return found
