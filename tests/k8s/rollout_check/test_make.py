import os
import subprocess

from tests.e2e.server import ROOT


def test_make_passes_everything_on() -> None:
    arguments = "--url http://localhost:30080 -- kubectl rollout restart deployment/cifar10-deployment"
    done = subprocess.run(
        ["make", "--dry-run", "rollout-check", f"ARGS={arguments}"],
        cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip().endswith(f" -m k8s.rollout_check {arguments}")


def test_make_help_lists_it() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert any(line.startswith("make rollout-check  ") for line in done.stdout.splitlines())
