import subprocess
import sys

from tests.bench.peers import disturbance, tree

BUSY = "while True: pass"


def test_what_is_measured_disturbs_nobody_and_anything_else_does() -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY]) as process:
        ends = [disturbance.begin(own) for own in (lambda: tree.processor_seconds(process.pid), lambda: 0.0)]
        spent = tree.processor_seconds(process.pid)
        while tree.processor_seconds(process.pid) < spent + 0.3:
            pass
        without, with_it = (end() for end in ends)
        process.kill()
    assert 0 <= without < with_it
