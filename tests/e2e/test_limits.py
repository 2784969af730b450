import os
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.e2e.server import Server
from tests.e2e.traffic import BIRD, answer, assert_refused, parts, post

MEGABYTE = 1 << 20
ROWS = 1000
"""Rows of a bomb that are compressed; the result is repeated, because all rows are alike."""


def bomb(side: int) -> bytes:
    """A small PNG of ``side`` x ``side`` black pixels; ``side`` is a multiple of 1000."""
    size = side * (1 + 3 * side)
    packer = zlib.compressobj(9, wbits=-15)
    rows = packer.compress(bytes(size * ROWS // side)) + packer.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(wbits=-15).flush()
    checksum = (size % 65521 << 16) + 1  # adler32 of that many zeros
    data = b"\x78\xda" + rows * (side // ROWS) + end + struct.pack(">I", checksum)
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def peak_memory(server: Server) -> int:
    """The worker's peak memory in bytes since :func:`memory_now`."""
    [worker] = server.workers()
    [kilobytes] = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{worker}/status").read_text())
    return int(kilobytes) << 10


def memory_now(server: Server) -> int:
    """The worker's memory in bytes; resets its peak."""
    [worker] = server.workers()
    Path(f"/proc/{worker}/clear_refs").write_text("5")  # makes the peak what is held now; see proc(5)
    return peak_memory(server)


def processor_seconds(server: Server) -> float:
    """Processor time of the worker so far; other processes do not affect it."""
    [worker] = server.workers()
    fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_decompression_bomb_is_refused_before_it_is_decompressed(sturdy: Server) -> None:
    image = bomb(13_000)
    assert len(image) < 500_000
    memory, processor = memory_now(sturdy), processor_seconds(sturdy)
    assert "13000x13000" in assert_refused(sturdy.predict(image), 413, "too_many_pixels")
    assert peak_memory(sturdy) - memory < 100 * MEGABYTE  # it unpacks to half a gigabyte
    assert processor_seconds(sturdy) - processor < 1


def test_an_image_as_large_as_allowed_is_answered(sturdy: Server) -> None:
    assert sturdy.predict(bomb(4_000)).status_code == 200


def test_a_body_that_announces_too_much_is_refused_before_it_is_sent(sturdy: Server) -> None:
    with sturdy.connect() as connection:
        connection.sendall(post(b"", f"Content-Length: {20 * MEGABYTE}"))
        assert answer(connection).status == 413


def test_a_large_body_is_refused_to_a_client_that_sends_all_of_it(sturdy: Server) -> None:
    detail = assert_refused(sturdy.predict(bytes(20 * MEGABYTE)), 413, "body_too_large")
    assert str(20 * MEGABYTE) in detail


def test_a_large_body_without_a_length_is_refused_and_not_buffered(sturdy: Server) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield bytes(MEGABYTE)

    before = memory_now(sturdy)
    try:
        response = requests.post(sturdy.url(), data=endless(), timeout=30)
    except requests.ConnectionError:
        pass  # the server hangs up on a client that sends on and on
    else:
        assert_refused(response, 413, "body_too_large")
    assert peak_memory(sturdy) - before < 100 * MEGABYTE


def test_a_form_with_thousands_of_parts_is_refused(sturdy: Server) -> None:
    response = requests.post(sturdy.url(), files=parts(*[b"x"] * 5000), timeout=30)
    assert_refused(response, 413, "too_many_parts")


def test_one_image_more_than_allowed_is_refused(sturdy: Server) -> None:
    assert requests.post(sturdy.url(), files=parts(*[BIRD] * 32), timeout=30).status_code == 200
    detail = assert_refused(requests.post(sturdy.url(), files=parts(*[BIRD] * 33), timeout=30), 413, "too_many_parts")
    assert "33 images" in detail
    assert "32" in detail


@pytest.mark.parametrize("path", ["/" + "a" * 8000, "/predict?" + "a" * 8000])
def test_a_uri_that_is_too_long_is_refused(sturdy: Server, path: str) -> None:
    assert sturdy.get(path).status_code == 414
