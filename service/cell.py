"""Bytes that processes share, and that outlive the one that wrote them."""

import mmap
import struct
import zlib

_HEADER = struct.Struct("<II")  # length and CRC-32 of what follows


class Cell:
    """Shared by all processes that are forked after it was made; one thread of one of them may write at a time.

    There are two halves, and the first byte says which is to be read: whoever is killed while writing has only spoilt
    the other one.
    """

    def __init__(self, capacity: int) -> None:
        self._half = _HEADER.size + capacity
        self._capacity = capacity
        self._memory = mmap.mmap(-1, 1 + 2 * self._half)

    def write(self, data: bytes) -> None:
        """Replace what there is; raises ``ValueError`` when it is more than the capacity."""
        if len(data) > self._capacity:
            raise ValueError(f"{len(data)} bytes are more than the {self._capacity} there is room for")
        other = 1 - self._memory[0]
        start = 1 + other * self._half
        whole = _HEADER.pack(len(data), zlib.crc32(data)) + data
        self._memory[start : start + len(whole)] = whole
        self._memory[0] = other

    def read(self) -> bytes:
        """What was written last; nothing before that."""
        while True:
            start = 1 + self._memory[0] * self._half
            length, checksum = _HEADER.unpack_from(self._memory, start)
            data = self._memory[start + _HEADER.size : start + _HEADER.size + min(length, self._capacity)]
            if zlib.crc32(data) == checksum:
                return data
            # else it was written to twice meanwhile
