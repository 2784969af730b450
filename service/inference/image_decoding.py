"""Image files to the model's input; pure functions.

The image is decoded as a viewer shows it: orientation applied, transparency over white, 16 bits reduced to 8, the
first frame of an animation. It is then cropped to the centre square and resized to 32x32 with antialiasing. Cropping
keeps the proportions, because the model was trained on undistorted images.
"""

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from service.errors import TooManyPixels, UndecodableImage, UnsupportedFormat

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
SIZE = 32
"""Height and width of the model's input, in pixels."""

LARGE_PIXELS = 1 << 18
"""Decoding a larger image takes megabytes of memory, so the number of threads that do so is limited."""

MAX_SCANS = 100
"""Scans of a progressive JPEG. Encoders write about ten; each costs a pass over all pixels."""

_JPEG_SIGNATURE = b"\xff\xd8"
_JPEG_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
_START_OF_SCAN, _END_OF_IMAGE, _WITHOUT_LENGTH = 0xDA, 0xD9, (0x01, 0xD8)
"""JPEG markers, from ITU T.81, table B.1; in entropy-coded data, FF is followed by 00 or by D0 to D7."""

_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"GIF8")
_ORIENTATION_TAG = 0x0112
_ORIENTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow's own limit only warns, at 89 megapixels; decode() applies the caller's limit before it reads any pixel.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True)
class Picture:
    """Pixels ``[32, 32, 3]`` uint8 RGB, and the size and format in the file's header."""

    pixels: NDArray[np.uint8]
    width: int
    height: int
    format: str


def decode(data: bytes, *, max_pixels: int, large: Callable[[], AbstractContextManager[None]] = nullcontext) -> Picture:
    """Decode one image file, within ``large()`` if it has more than :data:`LARGE_PIXELS`.

    Raises :class:`UnsupportedFormat` if the format is none of :data:`FORMATS`, :class:`TooManyPixels` if the header
    announces more than ``max_pixels``, and :class:`UndecodableImage` if the file is damaged.
    """
    image = _open(data)
    width, height = image.size
    if width * height > max_pixels:
        raise TooManyPixels(f"The image is {width}x{height} pixels; at most {max_pixels} are accepted.")
    # Checked by content: Pillow reports a JPEG with several images, as phones write them, as MPO.
    if data.startswith(_JPEG_SIGNATURE) and _scans(data) > MAX_SCANS:
        raise UndecodableImage(f"The JPEG image has more than {MAX_SCANS} scans.")
    with large() if width * height > LARGE_PIXELS else nullcontext():
        return Picture(_pixels(image), width, height, str(image.format))


def _scans(data: bytes) -> int:
    """Scans of the first image in a JPEG file, counted up to :data:`MAX_SCANS` + 1."""
    scans, position = 0, len(_JPEG_SIGNATURE)
    while scans <= MAX_SCANS and (found := _JPEG_MARKER.search(data, position)):
        marker, position = found[1][0], found.end()
        if marker == _END_OF_IMAGE:
            break
        scans += marker == _START_OF_SCAN
        if marker not in _WITHOUT_LENGTH:
            position += int.from_bytes(data[position : position + 2])
    return scans


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    try:
        square = _upright(_shrink(image), image)
        return np.frombuffer(square.tobytes(), np.uint8).reshape(SIZE, SIZE, 3)
    # Pillow's decoders raise OSError, SyntaxError, ValueError, struct.error and others for damaged files.
    except Exception as error:
        raise UndecodableImage(f"The {image.format} image is damaged: {error}.") from error
    finally:
        image.close()


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except Exception as error:
        if data.startswith(_SIGNATURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
            raise UndecodableImage("The image's header is damaged or incomplete.") from error
        raise UnsupportedFormat(f"The {len(data)} bytes are not an image in an accepted format.") from error


def _shrink(image: Image.Image) -> Image.Image:
    """The centre square at the model's size, RGB."""
    # JPEG can be decoded at 1/2, 1/4 or 1/8 of its size in less time; twice the target size keeps it sharp.
    image.draft("RGB", (2 * SIZE, 2 * SIZE))
    flat = _eight_bit(image)
    side = min(flat.size)
    left, top = (flat.width - side) / 2, (flat.height - side) / 2
    square = flat.resize(
        (SIZE, SIZE), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side), reducing_gap=3.0
    )
    if square.mode != "RGBA":
        return square
    white = Image.new("RGBA", square.size, "white")
    return Image.alpha_composite(white, square).convert("RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    """RGB, or RGBA if the image has transparency."""
    if image.mode.startswith("I"):
        return _sixteen_bit_grey(image)
    if image.mode == "RGBA" or not image.has_transparency_data:
        return image if image.mode in ("RGB", "RGBA") else image.convert("RGB")
    key = image.info.get("transparency")
    if isinstance(image, ImageFile) and isinstance(key, tuple) and any("16B" in str(tile.args) for tile in image.tile):
        # Pillow reduces the pixels to 8 bits, but not the transparent colour.
        image.info["transparency"] = tuple(value >> 8 for value in key)
    return image.convert("RGBA")


def _sixteen_bit_grey(image: Image.Image) -> Image.Image:
    """Scaled to 8 bits; Pillow's convert() clips instead."""
    values = np.asarray(image).astype(np.uint32)
    grey = Image.fromarray((values >> 8).astype(np.uint8)).convert("RGB")
    key = image.info.get("transparency")
    if isinstance(key, int):
        grey.putalpha(Image.fromarray(np.where(values == key, 0, 255).astype(np.uint8)))
    return grey


def _upright(square: Image.Image, original: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; to the small square, because that is cheap."""
    try:
        orientation = _ORIENTATIONS.get(original.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # damaged metadata; viewers then show the image as it is stored
        orientation = None
    return square if orientation is None else square.transpose(orientation)
