"""Load by hey (https://github.com/rakyll/hey): clients that send one request after the other."""

import csv
import io
import subprocess
from pathlib import Path

PACKAGE = "hey"


def latencies(executable: str, url: str, image: Path, *, seconds: int, clients: int) -> list[float]:
    """Seconds that each request took; raises ``AssertionError`` unless all were answered with 200."""
    command = [executable, "-z", f"{seconds}s", "-c", str(clients), "-m", "POST", "-T", "image/png", "-D", str(image)]
    done = subprocess.run([*command, "-o", "csv", url], capture_output=True, text=True, check=True)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    statuses = {row["status-code"] for row in rows}
    assert statuses == {"200"}, statuses
    return [float(row["response-time"]) for row in rows]
