"""docs/kubernetes.md and the Makefile match the tool."""

import os
import re
import subprocess

import pytest

from k8s.rollout_check.arguments import EXIT_CODES, KEPT, parse
from k8s.rollout_check.summary import QUANTILES
from tests.e2e.server import ROOT

SECTION = (ROOT / "docs/kubernetes.md").read_text().partition("### Does it lose requests?")[2].partition("\n## ")[0]
COMMAND, *OUTPUT = re.findall(r"^```console\n\$ (.*?)^```", SECTION, re.MULTILINE | re.DOTALL)[0].splitlines()


def test_the_command_shown_is_valid() -> None:
    program, arguments = COMMAND.split(" -m k8s.rollout_check ")
    options = arguments.split()
    assert program == "python3"
    assert parse([*options[: options.index("--")], "--", "true"]).plan.target.url == "http://localhost:30080/predict"


def test_every_named_option_exists(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    named = set(re.findall(r"`(--[a-z-]+)", SECTION))
    assert named
    assert named <= known


def test_the_defaults_match_the_tool() -> None:
    plan = parse(["--url", "http://localhost", "--", "true"]).plan
    text = " ".join(SECTION.split())
    assert f"{plan.shape.rate:g} requests a second" in text
    assert f"for {plan.before:g} seconds before" in text
    assert f"{plan.after:g} seconds after" in text
    assert f"{KEPT} kept connections" in text


def test_every_exit_code_is_explained() -> None:
    codes = set(re.findall(r"^ *(\d+)  ", EXIT_CODES, re.MULTILINE)) - {"130"}
    assert set(re.findall(r"^\| (\d+) \|", SECTION, re.MULTILINE)) == codes


def test_the_figures_of_the_sample_add_up() -> None:
    [verdict] = [line for line in OUTPUT if line.startswith("No request was lost: ")]
    [sent, right] = [int(number) for number in re.findall(r"\d+", verdict)]
    rows = [line.split()[:4] for line in OUTPUT if re.match(r"(before|during|after) ", line)]
    assert [name for name, *_ in rows] == ["before", "during", "after"]
    assert sum(int(row[1]) for row in rows) == sum(int(row[2]) for row in rows) == sent == right
    assert sum(int(count) for count in re.findall(r" (\d+) answers$", "\n".join(OUTPUT), re.MULTILINE)) == right
    assert any(line.split()[3:] == list(QUANTILES) for line in OUTPUT)


def test_make_passes_its_arguments() -> None:
    arguments = "--url http://localhost:30080 -- kubectl rollout restart deployment/cifar10-deployment"
    done = subprocess.run(
        ["make", "--dry-run", "rollout-check", f"ARGS={arguments}"],
        cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip().endswith(f" -m k8s.rollout_check {arguments}")


def test_make_help_lists_it() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert any(line.startswith("make rollout-check  ") for line in done.stdout.splitlines())
