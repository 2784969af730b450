import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from benchmarks import payloads, servers


@pytest.mark.parametrize(
    ("name", "expected"), [("png", 1 * ["PNG 32"]), ("jpeg", ["JPEG 512"]), ("eight", 8 * ["PNG 32"])]
)
def test_a_payload_holds_the_pictures_that_its_name_says(name: str, expected: list[str], tmp_path: Path) -> None:
    body = payloads.write(tmp_path)[name].read_bytes()
    environ = EnvironBuilder(method="POST", data=body, content_type=payloads.CONTENT_TYPE).get_environ()
    with Request(environ) as request:
        pictures = [Image.open(io.BytesIO(each.read())) for each in request.files.getlist("file")]
    assert [f"{each.format} {each.width}" for each in pictures] == expected


def test_the_processes_of_a_server_are_all_its_descendants() -> None:
    code = "import subprocess; subprocess.run(['cat'])"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"x")
        process.stdin.flush()
        process.stdout.read(1)  # the child runs
        assert len(servers.processes(process.pid)) == 2
        process.stdin.close()
    assert servers.processes(process.pid) == {}


@pytest.mark.e2e
def test_transports_are_compared(require_tool: Callable[[str, str], str]) -> None:
    require_tool("hey", "hey")
    options = ["--quick", "--clients", "2", "--only", "shipped,gthread-pinned"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.transport", *options],
        cwd=servers.ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = re.findall(r"^\| (\S+) \| (\d+) \| (\d+) \| .* \|$", done.stdout, re.MULTILINE)
    assert [name for name, _, _ in found] == ["shipped", "gthread-pinned"]
    assert all(int(rate) == int(goodput) > 0 for _, rate, goodput in found), "every request is answered with 200"
