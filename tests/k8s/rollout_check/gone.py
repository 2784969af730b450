"""A stand-in for ``kubectl rollout status``: returns when nobody listens on a port of 127.0.0.1 any more."""

import socket
import sys
import time


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    except ConnectionResetError:  # it is just ending
        pass
    return True


if __name__ == "__main__":
    while listens(int(sys.argv[1])):
        time.sleep(0.05)
