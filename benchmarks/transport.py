"""What the server's own worker class earns: the same application under it and under gunicorn's threaded worker.

``--revision`` adds another revision of this repository, run by the same interpreter.
"""

import io
import subprocess
import tarfile
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks import compare
from benchmarks.servers import ROOT, SHIPPED, Variant

PROGRAM = "benchmarks.transport"
GTHREAD = ("-m", "gunicorn", "-c", "benchmarks/gthread_conf.py")


def variants() -> list[Variant]:
    return [
        Variant("shipped", "service/server/worker.py, each worker pinned to a CPU"),
        Variant("gthread", "gunicorn's gthread", GTHREAD),
        Variant("gthread-pinned", "gunicorn's gthread, each worker pinned to a CPU", GTHREAD, {"BENCHMARK_PIN": "1"}),
        Variant("inline", "as shipped, but each request is recorded before it is answered",
                (*SHIPPED, "benchmarks.apps:recording_inline()")),
    ]  # fmt: skip


def revision(name: str, folder: Path) -> Variant:
    """The tree of a revision, unpacked into the folder."""
    archive = subprocess.run(["git", "archive", name], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return Variant(name, f"the server of revision {name}", folder=folder)


def main() -> None:
    parser = compare.parser(PROGRAM, __doc__ or "", rounds=6, clients="1,8,32,128,512")
    parser.add_argument("--revision", help="a commit, branch or tag to compare with")
    options = parser.parse_args()
    with ExitStack() as stack:
        servers = variants()
        if options.revision:
            servers.append(revision(options.revision, Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        compare.run(PROGRAM, options, servers)


if __name__ == "__main__":
    main()
