"""Bytes of an image file to the pixels the network sees; pure.

The picture a viewer would show is what is classified: orientation applied, transparency over white, 16 bit reduced
to 8, the first frame of an animation. It is then centre-cropped to a square and resized with antialiasing. Cropping
keeps proportions, which the network has only ever seen undistorted; what lies outside the middle square is not seen.
"""

import io
import re
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from service.errors import TooManyPixels, UndecodableImage, UnsupportedFormat

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
SIZE = 32
"""Height and width in pixels of what the network sees."""

LARGE_PIXELS = 1 << 18
"""Unpacked, a larger image takes megabytes: too many for every request thread to do so at the same time."""

MOST_SCANS = 100
"""Of a progressive JPEG; encoders make about ten, and every one costs a pass over all pixels."""

_JPEG_SIGNATURE = b"\xff\xd8"
_JPEG_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
_START_OF_SCAN, _END_OF_IMAGE, _WITHOUT_LENGTH = 0xDA, 0xD9, (0x01, 0xD8)
"""Markers of a JPEG, as ITU T.81 lists them in table B.1; between them, FF is followed by 00 or by D0 to D7."""

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

# Pillow's own limit only warns, at 89 megapixels; decode() refuses at the caller's limit before any pixel is read.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True)
class Picture:
    """Pixels ``[32, 32, 3]`` uint8 RGB, and what the file's header said."""

    pixels: NDArray[np.uint8]
    width: int
    height: int
    format: str


def decode(data: bytes, *, max_pixels: int, large: AbstractContextManager[None] | None = None) -> Picture:
    """Decode one image file, inside ``large`` if it has more than :data:`LARGE_PIXELS`.

    Raises :class:`UnsupportedFormat` when the bytes are none of :data:`FORMATS`, :class:`TooManyPixels` when the
    header announces more than ``max_pixels``, and :class:`UndecodableImage` when the file is damaged.
    """
    image = _open(data)
    width, height = image.size
    if width * height > max_pixels:
        raise TooManyPixels(f"The image is {width}x{height} pixels; at most {max_pixels} are accepted.")
    # By its content, since Pillow calls a JPEG with several pictures in it, as telephones make them, MPO.
    if data.startswith(_JPEG_SIGNATURE) and _scans(data) > MOST_SCANS:
        raise UndecodableImage(f"The JPEG image has more than {MOST_SCANS} scans.")
    with large if large and width * height > LARGE_PIXELS else nullcontext():
        return Picture(_pixels(image), width, height, str(image.format))


def _scans(data: bytes) -> int:
    """Scans of the first picture in a JPEG file; stops counting soon after :data:`MOST_SCANS`."""
    scans, position = 0, len(_JPEG_SIGNATURE)
    while scans <= MOST_SCANS and (found := _JPEG_MARKER.search(data, position)):
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
        return np.frombuffer(square.tobytes(), np.uint8).reshape(SIZE, SIZE, 3)  # asarray() takes longer
    # Pillow's decoders raise whatever the damage leads to: OSError, SyntaxError, ValueError, struct.error, …
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
    """The centre square at the network's size, RGB."""
    # A JPEG decodes at a half, quarter or eighth of its size for a fraction of the time; twice ours keeps it sharp.
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
    """RGB, or RGBA where the image has transparency."""
    if image.mode.startswith("I"):
        return _sixteen_bit_grey(image)
    if image.mode == "RGBA" or not image.has_transparency_data:
        return image if image.mode in ("RGB", "RGBA") else image.convert("RGB")
    key = image.info.get("transparency")
    if isinstance(image, ImageFile) and isinstance(key, tuple) and any("16B" in str(tile.args) for tile in image.tile):
        # Pillow reads 16 bit as 8, but leaves the colour that is transparent as it was.
        image.info["transparency"] = tuple(value >> 8 for value in key)
    return image.convert("RGBA")


def _sixteen_bit_grey(image: Image.Image) -> Image.Image:
    """Scaled to 8 bit, which Pillow's convert() would clip instead."""
    values = np.asarray(image).astype(np.uint32)
    grey = Image.fromarray((values >> 8).astype(np.uint8)).convert("RGB")
    key = image.info.get("transparency")
    if isinstance(key, int):
        grey.putalpha(Image.fromarray(np.where(values == key, 0, 255).astype(np.uint8)))
    return grey


def _upright(square: Image.Image, original: Image.Image) -> Image.Image:
    """Undo the camera's rotation; on the small square, where it costs nothing."""
    try:
        orientation = _ORIENTATIONS.get(original.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # damaged metadata around a good picture: viewers show it as it is, and so do we
        orientation = None
    return square if orientation is None else square.transpose(orientation)
