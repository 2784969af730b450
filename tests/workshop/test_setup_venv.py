"""setup-venv.sh in a copy of the repository, with small fake packages and without network."""

import http.server
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

SCRIPT = Path(__file__).parents[2] / "setup-venv.sh"
PIP = sysconfig.get_path("purelib") + "/pip"
NOBODY_LISTENS = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Workshop:
    """A folder with setup-venv.sh and requirements, programs that replace the real ones, and wheels for pip."""

    folder: Path
    programs: Path
    wheels: Path

    def start(self, layer: str = "serve", engine: str = "", **environment: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["sh", self.folder / "setup-venv.sh", layer, engine],
            env={
                "PATH": f"{self.programs}:{os.environ['PATH']}",
                "PYTHON": "python-with-quick-venv",
                "PIP_CONFIG_FILE": os.devnull,
                "PIP_INDEX_URL": NOBODY_LISTENS,
                "PIP_FIND_LINKS": str(self.wheels),
                "PIP_RETRIES": "0",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def setup(self, layer: str = "serve", engine: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(layer, engine, **environment)
        out, err = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def require(self, *pins: str, file: str = "requirements.txt") -> None:
        (self.folder / file).write_text("".join(f"{pin}\n" for pin in pins))

    def program(self, name: str, script: str) -> None:
        (self.programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.programs / name).chmod(0o755)

    def installed(self) -> set[str]:
        packages = (self.folder / ".venv").glob("lib/python3*/site-packages/*.dist-info")
        return {package.stem for package in packages} - {"pip", "setuptools"}


def wheel(folder: Path, name: str, version: str, cuda: str | None = None) -> None:
    about = f"{name}-{version}.dist-info"
    with ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}/__init__.py", "")
        archive.writestr(f"{name}/version.py", f"cuda: str | None = {cuda!r}\n")
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    made = Workshop(tmp_path / "a workshop", tmp_path / "programs", tmp_path / "wheels")
    for folder in (made.folder, made.programs, made.wheels):
        folder.mkdir()
    shutil.copy(SCRIPT, made.folder)
    made.require("flask==3.0")
    made.require("torch==2.0", file="requirements-torch.txt")
    made.require("onnxruntime==1.0", file="requirements-onnxruntime.txt")
    made.require("pytest==9.0", file="requirements-test.txt")
    made.program(
        "python-with-quick-venv",
        f"""[ "$*" = "-m venv .venv" ] || exec "{sys.executable}" "$@"
        "{sys.executable}" -m venv --without-pip .venv && ln -s "{PIP}" .venv/lib/python3*/site-packages/""",
    )
    for name, version in [
        ("torch", "2.0"),
        ("flask", "3.0"),
        ("flask", "3.1"),
        ("pytest", "9.0"),
        ("onnxruntime", "1.0"),
    ]:
        wheel(made.wheels, name, version)
    return made


def test_each_step_is_printed_once_and_a_second_setup_does_nothing(workshop: Workshop) -> None:
    first = workshop.setup("serve", TORCH_INDEX=NOBODY_LISTENS)
    assert [line.split(" with ")[0] for line in first.stdout.splitlines()] == [
        "==> creating .venv",
        "==> installing requirements.txt",
        "==> installing requirements-torch.txt",
        f"==> installing torch 2.0 from pip's index (no CPU build at {NOBODY_LISTENS})",
    ]
    assert first.stderr == ""
    assert workshop.setup("serve").stdout == ""
    further = ["requirements-onnxruntime.txt", "requirements-test.txt"]
    assert workshop.setup("test").stdout == "".join(f"==> installing {layer}\n" for layer in further)
    assert workshop.setup("test").stdout == ""
    assert {"torch-2.0", "flask-3.0", "pytest-9.0"} <= workshop.installed()

    workshop.require("flask==3.1")
    assert workshop.setup("test").stdout == "==> installing requirements.txt\n"
    assert {"torch-2.0", "flask-3.1", "pytest-9.0"} <= workshop.installed()


def test_only_the_given_engine_is_installed(workshop: Workshop) -> None:
    workshop.setup("serve", engine="onnxruntime")
    assert workshop.installed() == {"flask-3.0", "onnxruntime-1.0"}


def test_for_an_unknown_engine_the_default_is_installed(workshop: Workshop) -> None:
    workshop.setup("serve", engine="tpu")
    assert workshop.installed() == {"flask-3.0", "torch-2.0"}


def test_a_moved_folder_gets_a_new_environment(workshop: Workshop) -> None:
    workshop.setup(engine="onnxruntime")
    moved = Workshop(workshop.folder.rename(workshop.folder.with_name("moved")), workshop.programs, workshop.wheels)
    assert "==> creating .venv" in moved.setup(engine="onnxruntime").stdout


def test_two_setups_at_once_install_once(workshop: Workshop) -> None:
    both = [workshop.start(engine="onnxruntime") for _ in range(2)]
    output = "".join(process.communicate()[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert output.count("==> creating .venv") == 1
    assert "==> waiting for another setup to finish" in output


@pytest.fixture
def torch_index(tmp_path: Path) -> Iterator[str]:
    """A package index like PyTorch's, with the CPU build of torch 2.0."""
    (tmp_path / "torch").mkdir()
    wheel(tmp_path / "torch", "torch", "2.0+cpu")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(tmp_path))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="CPU builds exist for x86_64 only")
def test_torch_is_a_cpu_build_if_the_index_responds(workshop: Workshop, torch_index: str) -> None:
    assert "==> installing torch 2.0 (CPU build)\n" in workshop.setup(TORCH_INDEX=torch_index).stdout
    assert {"torch-2.0+cpu", "flask-3.0"} <= workshop.installed()


def test_a_cuda_build_is_noted_but_is_not_an_error(workshop: Workshop) -> None:
    wheel(workshop.wheels, "torch", "2.0", cuda="13.0")
    done = workshop.setup()
    assert done.returncode == 0
    assert "note: this torch is a large CUDA build" in done.stdout


def test_without_network_the_setup_fails_with_an_explanation_and_a_later_one_continues(workshop: Workshop) -> None:
    failed = workshop.setup(engine="onnxruntime", PIP_FIND_LINKS="")
    assert failed.returncode == 1
    assert "check the network" in failed.stderr.splitlines()[-1]
    assert "No matching distribution found for flask==3.0" in failed.stderr
    installing = [f"==> installing {layer}\n" for layer in ("requirements.txt", "requirements-onnxruntime.txt")]
    assert workshop.setup(engine="onnxruntime").stdout == "".join(installing)


@pytest.mark.parametrize(
    ("python", "found"),
    [("echo Python 3.9.2; exit 1", "python3 is Python 3.9.2"), ("exit 127", "python3 is missing")],
    ids=["too old", "absent"],
)
def test_without_a_supported_python_the_supported_versions_are_named(
    workshop: Workshop, python: str, found: str
) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        workshop.program(name, python)
    failed = workshop.setup(PYTHON="python3")
    assert failed.returncode == 1
    assert f"Python 3.11, 3.12 or 3.13 is required, but {found}" in failed.stderr
    assert not (workshop.folder / ".venv").exists()


def without_venv_module(workshop: Workshop, user: int) -> str:
    """A Python like Debian's, which has the venv module only after apt-get was called."""
    workshop.program("id", f"echo {user}")
    workshop.program("apt-get", 'echo "$*" >>"$0.calls"')
    workshop.program(
        "bare-python",
        f"""case "$*" in *ensurepip*) [ -e "{workshop.programs}/apt-get.calls" ] || exit 1 ;; esac
        exec "{workshop.programs}/python-with-quick-venv" "$@" """,
    )
    return "bare-python"


def test_root_gets_a_missing_venv_module_installed(workshop: Workshop) -> None:
    done = workshop.setup(engine="onnxruntime", PYTHON=without_venv_module(workshop, user=0))
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    assert f"==> installing {package}\n==> creating .venv" in done.stdout
    assert f"install -y --no-install-recommends {package}\n" in (workshop.programs / "apt-get.calls").read_text()


def test_other_users_get_the_command_that_installs_a_missing_venv_module(workshop: Workshop) -> None:
    failed = workshop.setup(PYTHON=without_venv_module(workshop, user=1000))
    assert failed.returncode == 1
    assert "run 'sudo apt-get install python3." in failed.stderr
