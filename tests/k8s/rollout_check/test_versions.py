"""Who answered, over time."""

import itertools

from tests.k8s.rollout_check.fake import Behaviour, Reply, Request, prediction, running
from tests.k8s.rollout_check.tool import rollout_check

OLD = 12
"""So many requests are answered by the old version."""


def updated(label: str = "bird") -> Behaviour:
    numbers = itertools.count()

    def behaviour(_: Request) -> Reply:
        if next(numbers) < OLD:
            return prediction(version="1.0.0", X_Pod="a")
        return prediction(label, version="2.0.0", X_Pod="b")

    return behaviour


def drawn(report: str, label: str, scale: str) -> str:
    """The line of a figure, without its label and its scale."""
    [line] = [line for line in report.splitlines() if line.startswith(f"{label} ")]
    assert line.endswith(scale)
    return line[10:].removesuffix(scale)


def test_versions_and_pods_are_drawn_over_time() -> None:
    with running(updated()) as fake:
        done = rollout_check("--url", fake.url, "--pod-header", "X-Pod")
    assert done.code == 0
    old = drawn(done.report, "1.0.0", f" {OLD - 1} answers")
    new = drawn(done.report, "2.0.0", f" {len(fake.requests) - OLD} answers")
    assert (old[0] == " ", old[-1] == " ") == (False, True)
    assert (new[0] == " ", new[-1] == " ") == (True, False)
    assert drawn(done.report, "a", f" {OLD - 1} answers") == old


def test_json_counts_versions_and_pods_in_each_piece_of_time() -> None:
    with running(updated()) as fake:
        timeline = rollout_check("--url", fake.url, "--pod-header", "X-Pod", "-o", "json").json["timeline"]
    assert sum(piece["versions"].get("1.0.0", 0) for piece in timeline) == OLD - 1
    assert sum(piece["versions"].get("2.0.0", 0) for piece in timeline) == len(fake.requests) - OLD
    assert timeline[0]["pods"].keys() == {"a"}
    assert timeline[-1]["pods"].keys() <= {"b"}
    assert [piece["start"] for piece in timeline] == sorted(piece["start"] for piece in timeline)


def test_another_class_by_another_version_is_told_and_not_lost() -> None:
    with running(updated("cat")) as fake:
        done = rollout_check("--url", fake.url)
    assert done.code == 0
    assert "Versions disagree: test_image.png is bird to 1.0.0, cat to 2.0.0." in done.report
