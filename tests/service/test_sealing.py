import errno
import selectors
import socket
import sys
from collections.abc import Iterator

import pytest

from service.sealing import seal

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux, whose sockets have filters")


@pytest.fixture(params=[socket.AF_INET, socket.AF_INET6], ids=["IPv4", "IPv6"])
def listener(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    with socket.socket(request.param) as listener:
        listener.bind(("127.0.0.1" if request.param == socket.AF_INET else "::1", 0))
        listener.listen()
        yield listener


def client(listener: socket.socket) -> socket.socket:
    return socket.create_connection(listener.getsockname()[:2], timeout=0.2)


def test_what_was_connected_before_is_accepted_and_answered(listener: socket.socket) -> None:
    with client(listener) as before:
        assert seal(listener)
        before.sendall(b"asked")
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.recv(5) == b"asked"
            accepted.sendall(b"answered")
            assert before.recv(8) == b"answered"


def test_nobody_connects_any_more(listener: socket.socket) -> None:
    seal(listener)
    with pytest.raises(TimeoutError):
        client(listener)


def test_who_waits_is_refused_once_the_socket_is_closed(listener: socket.socket) -> None:
    seal(listener)
    with socket.socket(listener.family) as waiting, selectors.DefaultSelector() as selector:
        waiting.setblocking(False)
        assert waiting.connect_ex(listener.getsockname()) == errno.EINPROGRESS
        listener.close()
        selector.register(waiting, selectors.EVENT_WRITE)
        assert selector.select(20)
        assert waiting.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED
