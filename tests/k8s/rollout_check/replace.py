"""A stand-in for the cluster in a rolling update: new connections to the new server, then SIGTERM for the old one.

Its arguments are the file that says where connections go, the new server's port, and the old one's process.
"""

import os
import signal
import sys
from pathlib import Path


def main(endpoints: str, port: str, old: str) -> None:
    partial = Path(f"{endpoints}.partial")
    partial.write_text(port)
    partial.replace(endpoints)
    os.kill(int(old), signal.SIGTERM)


if __name__ == "__main__":
    main(*sys.argv[1:])
