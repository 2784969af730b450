"""A small file that unpacks to half a gigabyte."""

import struct
import zlib

_ROWS = 1000


def bomb(side: int) -> bytes:
    """A PNG of ``side`` x ``side`` black pixels, ``side`` a multiple of 1000, made in a moment.

    The rows are alike, so a thousand are compressed and the result is repeated.
    """
    size = side * (1 + 3 * side)
    packer = zlib.compressobj(9, wbits=-15)
    rows = packer.compress(bytes(size * _ROWS // side)) + packer.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(wbits=-15).flush()
    checksum = (size % 65521 << 16) + 1  # adler32 of that many zeros
    data = b"\x78\xda" + rows * (side // _ROWS) + end + struct.pack(">I", checksum)
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
