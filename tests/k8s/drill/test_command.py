"""The command line, and other parts that need no cluster."""

import os
import subprocess
from collections.abc import Callable

import pytest

from k8s.drill.__main__ import REFUSED, SEEN, main
from k8s.drill.catalogue import drills
from k8s.drill.cluster import LOCAL
from k8s.drill.status import ready, status
from tests.k8s.faults.recorded import NAMES, columns, view
from tests.k8s.manifests import ROOT


def test_without_arguments_all_drills_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == SEEN
    header, *lines = capsys.readouterr().out.partition("\n\n")[0].splitlines()
    assert header.split() == ["DRILL", "STATUS", "ALERT", "CAUSE"]
    assert [line.split()[0] for line in lines] == [drill.name for drill in drills()]


def test_a_closed_output_ends_the_list_quietly(run_unread: Callable[..., tuple[int, str]]) -> None:
    assert run_unread("-m", "k8s.drill") == (SEEN, "")


@pytest.mark.parametrize(("given", "said"), [((), ""), (("NAME=oom-killed", "ARGS=--keep"), "oom-killed --keep")])
def test_make_passes_the_name_and_the_arguments(given: tuple[str, ...], said: str) -> None:
    environment = {"PATH": os.environ["PATH"], "NAME": "a-laptop"}  # as Windows' Linux has it
    done = subprocess.run(
        ["make", "--dry-run", "drill", *given], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1].split(" -m ")[1].split() == ["k8s.drill", *said.split()]


def test_an_unknown_drill_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no-such-drill"]) == REFUSED
    assert "there is no drill no-such-drill" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["docker-desktop", "kind-kind", "minikube", "k3d-mine", "colima", "rancher-desktop"])
def test_contexts_of_local_clusters_are_recognised(name: str) -> None:
    assert LOCAL.fullmatch(name)


@pytest.mark.parametrize("name", ["production", "arn:aws:eks:eu-west-1:1:cluster/kind-of", "kind-", "my-minikube"])
def test_other_contexts_are_not_taken_for_local_ones(name: str) -> None:
    assert not LOCAL.fullmatch(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_pod_has_the_columns_that_kubectl_printed(name: str) -> None:
    assert {pod["metadata"]["name"]: [ready(pod), status(pod)] for pod in view(name).pods} == columns(name)
