"""How the doctor is asked, with a program in its place."""

from pathlib import Path

import pytest

from k8s.drill.cluster import DrillError
from k8s.drill.doctor import ask, causes


def stand_in(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr("k8s.drill.doctor.sys.executable", str(program))


def test_it_is_asked_about_this_context_and_namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, 'printf \'{"cause": "%s"}\' "$*"', monkeypatch)
    assert ask("kind-mine") == ["-m k8s.doctor --context kind-mine --namespace default -o json"]


def test_a_doctor_who_finds_something_may_exit_as_it_likes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, 'echo \'[{"cause": "evicted"}]\'; exit 1', monkeypatch)
    assert ask("kind-mine") == ["evicted"]


def test_a_doctor_without_an_answer_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, "echo 'No module named k8s.doctor' >&2; exit 1", monkeypatch)
    with pytest.raises(DrillError, match=r"no answer: No module named k8s\.doctor"):
        ask("kind-mine")


def test_the_causes_are_found_wherever_an_answer_has_them() -> None:
    answer = {"cause": "first", "others": [{"cause": "second", "why": {"cause": 3}}], "pods": {"a": {"cause": "third"}}}
    assert [*causes(answer)] == ["first", "second", "third"]
