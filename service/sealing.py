"""The end of a listening socket, without a connection that is made and never accepted.

Closing it resets whatever is in its queue, and some may come between the last look at the queue and closing.
"""

import ctypes
import socket
import struct
import sys

_ATTACH_FILTER = 26  # SO_ATTACH_FILTER of Linux, which the socket module does not name
_INSTRUCTION = struct.Struct("=HBBI")
_PROGRAM = struct.Struct("@HP")
_LOAD_BYTE, _JUMP_IF_SET, _RETURN = 0x30, 0x45, 0x06
_TCP_FLAGS, _SYN = 13, 0x02
_NOTHING, _ALL = 0, 0xFFFFFFFF

_DROP_SYN = b"".join(
    _INSTRUCTION.pack(*each)
    for each in (
        (_LOAD_BYTE, 0, 0, _TCP_FLAGS),
        (_JUMP_IF_SET, 0, 1, _SYN),
        (_RETURN, 0, 0, _NOTHING),
        (_RETURN, 0, 0, _ALL),
    )
)
"""Of classic BPF (https://docs.kernel.org/networking/filter.html); a TCP socket's filter sees the packet from its TCP
header on."""


def seal(listener: socket.socket) -> bool:
    """Let no new connection begin, for every process that has the socket; those begun are made and can be accepted.

    Who would begin one asks the kernel again a second later, and is refused if the socket is closed by then. Returns
    whether it was done: there are no such filters outside Linux.
    """
    if sys.platform != "linux":
        return False
    instructions = ctypes.create_string_buffer(_DROP_SYN, len(_DROP_SYN))
    program = _PROGRAM.pack(len(_DROP_SYN) // _INSTRUCTION.size, ctypes.addressof(instructions))
    try:
        listener.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)
    except OSError:
        return False
    return True
