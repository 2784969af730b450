import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from service.errors import TooManyPixels, UndecodableImage, UnsupportedFormat
from service.inference.image_decoding import FORMATS, Picture, decode
from tests.service.pictures import encoded

LIMIT = 1 << 24


def halves(size: tuple[int, int] = (64, 64)) -> Image.Image:
    """Left half red, right half blue."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    return image


GREY, TRUE = 0, 2
"""Colour types of PNG."""


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(depth: int, colour: int, pixel: bytes, transparent: bytes) -> bytes:
    """A PNG of 32 x 32 equal pixels, with a transparent colour."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 32, depth, colour, 0, 0, 0)) + chunk(b"tRNS", transparent)
    rows = chunk(b"IDAT", zlib.compress((b"\0" + pixel * 32) * 32))
    return b"\x89PNG\r\n\x1a\n" + header + rows + chunk(b"IEND", b"")


def read(image: Image.Image, kind: str = "PNG", **options: object) -> Picture:
    return decode(encoded(image, kind, **options), max_pixels=LIMIT)


def is_near(pixel: np.ndarray, colour: tuple[int, int, int], tolerance: int = 12) -> bool:
    return bool((np.abs(pixel.astype(int) - colour) <= tolerance).all())


@pytest.mark.parametrize("kind", FORMATS)
def test_every_accepted_format_is_decoded_to_the_same_pixels(kind: str) -> None:
    picture = read(halves(), kind)
    assert (picture.width, picture.height, picture.format) == (64, 64, kind)
    assert picture.pixels.shape == (32, 32, 3)
    assert picture.pixels.dtype == np.uint8
    assert is_near(picture.pixels[16, 4], (255, 0, 0))
    assert is_near(picture.pixels[16, 28], (0, 0, 255))


def test_an_image_of_the_models_size_is_not_changed() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    assert (read(Image.fromarray(pixels)).pixels == pixels).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_every_colour_mode_is_decoded(mode: str) -> None:
    picture = read(Image.new("RGB", (40, 40), (255, 255, 255)).convert(mode), "JPEG" if mode == "CMYK" else "PNG")
    assert is_near(picture.pixels[16, 16], (255, 255, 255))


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    grey = Image.fromarray(np.full((32, 32), 128 << 8, np.uint16))
    assert is_near(read(grey).pixels[16, 16], (128, 128, 128), tolerance=1)


def test_transparency_becomes_white() -> None:
    clear = Image.new("RGBA", (50, 50), (0, 0, 0, 0))
    assert is_near(read(clear).pixels[16, 16], (255, 255, 255))


def test_a_transparent_palette_entry_becomes_white() -> None:
    palette = Image.new("P", (50, 50), 0)
    palette.putpalette([10, 20, 30] * 256)
    assert is_near(read(palette, transparency=0).pixels[16, 16], (255, 255, 255))


@pytest.mark.parametrize(
    ("depth", "colour", "pixel"),
    [(8, GREY, b"\x09"), (8, TRUE, b"\x09\x08\x07"), (16, GREY, b"\x10\x20"), (16, TRUE, b"\x10\x20\x30\x40\x50\x60")],
)
def test_only_the_transparent_colour_becomes_white(depth: int, colour: int, pixel: bytes) -> None:
    clear = pixel if depth == 16 else b"".join(b"\0%c" % value for value in pixel)
    other = clear[:-1] + b"\xff" if depth == 8 else clear[:-2] + b"\xff" + clear[-1:]
    assert is_near(decode(png(depth, colour, pixel, clear), max_pixels=LIMIT).pixels[3, 3], (255, 255, 255), 0)
    assert decode(png(depth, colour, pixel, other), max_pixels=LIMIT).pixels[3, 3].max() < 100


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_applied(orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = halves().transpose(undo[orientation]) if orientation in undo else halves()
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = read(stored, "JPEG", exif=exif, quality=95)
    assert is_near(upright.pixels[16, 4], (255, 0, 0), tolerance=40)
    assert is_near(upright.pixels[16, 28], (0, 0, 255), tolerance=40)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_exif_data_is_ignored() -> None:
    picture = read(halves(), "JPEG", exif=b"Exif\x00\x00II*\x00garbage that is no directory")
    assert is_near(picture.pixels[16, 4], (255, 0, 0), tolerance=40)


def test_a_wide_image_is_cropped_to_its_centre_square() -> None:
    wide = Image.new("RGB", (300, 100), "white")
    wide.paste("green", (100, 0, 200, 100))
    pixels = read(wide).pixels
    assert is_near(pixels[16, 2], (0, 128, 0), tolerance=30)
    assert is_near(pixels[16, 29], (0, 128, 0), tolerance=30)


def test_fine_patterns_are_averaged() -> None:
    board = (np.indices((512, 512)).sum(axis=0) % 2 * 255).astype(np.uint8)
    pixels = read(Image.fromarray(board)).pixels
    assert is_near(pixels[16, 16], (128, 128, 128), tolerance=4)


def test_the_first_frame_of_an_animation_is_decoded() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    picture = read(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert is_near(picture.pixels[16, 16], (255, 0, 0))


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (31, 33)])
def test_any_size_is_accepted(size: tuple[int, int]) -> None:
    picture = read(Image.new("RGB", size, (200, 100, 50)))
    assert (picture.width, picture.height) == size
    assert is_near(picture.pixels[16, 16], (200, 100, 50), tolerance=2)


def png_header(side: int) -> bytes:
    """The beginning of a PNG file of ``side`` x ``side`` pixels."""
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) + chunk(b"IDAT", b"")
    )


def test_a_decompression_bomb_is_refused_by_its_header() -> None:
    with pytest.raises(TooManyPixels, match="13000x13000"):
        decode(png_header(13_000), max_pixels=LIMIT)  # decoding it would fail: it has no pixels


def test_as_many_pixels_as_allowed_are_accepted() -> None:
    data = encoded(Image.new("RGB", (100, 100)))
    decode(data, max_pixels=10_000)
    with pytest.raises(TooManyPixels):
        decode(data, max_pixels=9_999)


@pytest.mark.parametrize("data", [b"hello, I am not an image", b"", b"RIFF\x10\x00\x00\x00WAVEfmt ", b"%PDF-1.7"])
def test_data_that_is_not_an_image_has_an_unsupported_format(data: bytes) -> None:
    with pytest.raises(UnsupportedFormat):
        decode(data, max_pixels=LIMIT)


def test_other_image_formats_are_refused() -> None:
    with pytest.raises(UnsupportedFormat):
        decode(encoded(halves(), "TIFF"), max_pixels=LIMIT)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_truncated_file_is_refused_as_damaged(kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (128, 128, 3), dtype=np.uint8))
    data = encoded(noise, kind)
    with pytest.raises(UndecodableImage):
        decode(data[: len(data) // 2], max_pixels=LIMIT)


@pytest.mark.parametrize("length", [8, 20, 30])
def test_a_file_that_ends_in_its_header_is_refused_as_damaged(length: int) -> None:
    with pytest.raises(UndecodableImage):
        decode(encoded(halves())[:length], max_pixels=LIMIT)


def test_a_large_jpeg_is_decoded_at_reduced_size() -> None:
    large = Image.new("RGB", (2048, 2048), "red")
    data = io.BytesIO(encoded(large, "JPEG")).getvalue()
    assert is_near(decode(data, max_pixels=LIMIT).pixels[16, 16], (254, 0, 0))


def test_a_jpeg_with_hundreds_of_scans_is_refused_before_they_are_decoded() -> None:
    data = encoded(halves(), "JPEG", progressive=True)
    decode(data, max_pixels=LIMIT)
    start = data.rindex(b"\xff\xda")
    with pytest.raises(UndecodableImage, match="100 scans"):
        decode(data[:start] + data[start:-2] * 200 + data[-2:], max_pixels=LIMIT)


def test_the_scans_of_a_jpeg_with_several_images_are_counted_too() -> None:
    several = encoded(halves(), "MPO", save_all=True, append_images=[halves()], progressive=True)
    assert decode(several, max_pixels=LIMIT).format == "MPO"
    end = several.index(b"\xff\xd9")
    start = several.rindex(b"\xff\xda", 0, end)
    with pytest.raises(UndecodableImage, match="100 scans"):
        decode(several[:start] + several[start:end] * 200 + several[end:], max_pixels=LIMIT)


def test_data_after_the_image_is_not_counted_as_scans() -> None:
    decode(encoded(halves(), "JPEG") + b"\xff\xda" * 200, max_pixels=LIMIT)


def test_scans_after_a_marker_without_length_are_counted() -> None:
    data = encoded(halves(), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    hidden = data[:start] + b"\xff\x01" + data[start:-2] * 200 + data[-2:]
    with pytest.raises(UndecodableImage, match="100 scans"):
        decode(hidden, max_pixels=LIMIT)
