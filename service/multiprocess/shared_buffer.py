"""A value in memory that processes share and that outlives its writer."""

import mmap
import struct
import zlib

_HEADER = struct.Struct("<II")  # length and CRC-32 of the data


class SharedBuffer:
    """Shared by all processes forked after it was made; one thread of one process may write at a time.

    It is double-buffered: the first byte says which half to read. A process that is killed while it writes has only
    damaged the other half.
    """

    def __init__(self, capacity: int) -> None:
        self._half = _HEADER.size + capacity
        self._capacity = capacity
        self._memory = mmap.mmap(-1, 1 + 2 * self._half)

    def write(self, data: bytes) -> None:
        """Replace the value; raises ``ValueError`` if it is larger than the capacity."""
        if len(data) > self._capacity:
            raise ValueError(f"{len(data)} bytes do not fit into {self._capacity}")
        other = 1 - self._memory[0]
        start = 1 + other * self._half
        framed = _HEADER.pack(len(data), zlib.crc32(data)) + data
        self._memory[start : start + len(framed)] = framed
        self._memory[0] = other

    def read(self) -> bytes:
        """The value that was written last; initially empty."""
        while True:
            start = 1 + self._memory[0] * self._half
            length, checksum = _HEADER.unpack_from(self._memory, start)
            data = self._memory[start + _HEADER.size : start + _HEADER.size + min(length, self._capacity)]
            if zlib.crc32(data) == checksum:
                return data
            # otherwise two writes happened in the meantime: read again
