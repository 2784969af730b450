"""The doctor never fails on missing data or on other wordings of a message."""

import copy
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from k8s.doctor import causes, snapshot
from k8s.doctor.cluster import Cluster
from k8s.doctor.diagnosis import Diagnosis, diagnose
from k8s.doctor.finding import Finding
from k8s.doctor.report import Style, as_json, report
from k8s.doctor.snapshot import Snapshot, SnapshotError
from tests.k8s.doctor import snapshots
from tests.k8s.doctor.snapshots.draft import Draft
from tests.k8s.doctor.snapshots.texts import PULLS, STARTS

IDS = {each.id for each in causes.CAUSES}


def examined(given: Snapshot) -> list[Diagnosis]:
    """The diagnoses, after they were rendered without an error."""
    found = diagnose(Cluster(given))
    assert report(found, given.unread, Style(colour=True)) is not None
    assert as_json(found, given.unread)["version"] == 1
    assert all(each.verdict.cause in IDS for each in found)
    return found


def holders(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in the JSON value, with each of its keys or indices."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from holders(value[key])


def damaged(given: Snapshot, chance: random.Random, times: int, *, with_nonsense: bool) -> Snapshot:
    items, events = copy.deepcopy(list(given.items)), copy.deepcopy(list(given.events))
    for _ in range(times):
        holder, key = chance.choice(list(holders([items, events])))
        if with_nonsense and chance.random() < 0.5:
            holder[key] = chance.choice([None, 0, -1, "", "nonsense", [], {}, True, 1.5, ["x"], {"x": None}])
        else:
            del holder[key]
        items = [each for each in items if isinstance(each, dict)] if isinstance(items, list) else []
        events = [each for each in events if isinstance(each, dict)] if isinstance(events, list) else []
    return replace(given, items=items, events=events)


@pytest.mark.parametrize("drill", snapshots.DRILLS)
def test_missing_or_malformed_fields_never_raise(drill: str) -> None:
    chance, given = random.Random(drill), snapshots.named(drill)
    for times in (1, 3, 10, 40, 40):
        examined(damaged(given, chance, times, with_nonsense=True))


@pytest.mark.parametrize("drill", snapshots.DRILLS)
def test_one_missing_field_rarely_changes_the_verdict(drill: str) -> None:
    chance, given = random.Random(drill), snapshots.named(drill)
    same = 0
    for _ in range(12):
        found = diagnose(Cluster(damaged(given, chance, 1, with_nonsense=False)))
        same += bool(found) and found[0].verdict.cause == snapshots.DRILLS[drill]
    assert same >= 10


@pytest.mark.parametrize(
    "absent", ["objects.json", "events.json", "nodes.json", "logs.txt", "logs-previous.txt", "about.json"]
)
def test_any_file_of_a_folder_may_be_missing(absent: str, tmp_path: Path) -> None:
    snapshot.save(snapshots.named("crash-exit-78-bad-config"), tmp_path)
    (tmp_path / absent).unlink()
    found = examined(snapshot.load(tmp_path))
    assert [each.verdict.cause for each in found] == ([] if absent == "objects.json" else ["setting-refused"])


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"items": 3}', "\x00\xff"])
def test_a_file_may_be_broken(content: str, tmp_path: Path) -> None:
    snapshot.save(snapshots.named("image-tag-not-found"), tmp_path)
    for each in ("events.json", "nodes.json", "about.json"):
        (tmp_path / each).write_text(content, encoding="latin-1")
    (found,) = examined(snapshot.load(tmp_path))
    assert found.verdict.cause == "image-not-found"


def test_a_folder_without_any_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"has no objects\.json"):
        snapshot.load(tmp_path)


def verdict(draft: Draft) -> Finding:
    (found,) = diagnose(Cluster(draft.snapshot()))
    return found.verdict


@pytest.mark.parametrize("message", PULLS)
def test_a_failed_pull_is_explained_by_the_waiting_message(message: str) -> None:
    draft = Draft("image-tag-not-found").without_events()
    draft.waiting("ImagePullBackOff", f'Back-off pulling image "docker.io/library/web:v9": ErrImagePull: {message}')
    assert verdict(draft).cause == PULLS[message]


@pytest.mark.parametrize("message", PULLS)
def test_a_failed_pull_is_explained_by_its_event_before_1_32(message: str) -> None:
    draft = Draft("image-tag-not-found").without_events()
    draft.waiting("ImagePullBackOff", 'Back-off pulling image "docker.io/library/web:v9"')
    draft.event(
        "Failed", f'Failed to pull image "docker.io/library/web:v9": rpc error: code = Unknown desc = {message}'
    )
    draft.event("Failed", "Error: ImagePullBackOff")
    assert verdict(draft).cause == PULLS[message]


@pytest.mark.parametrize("message", STARTS)
def test_a_failed_start_is_explained_by_the_last_state(message: str) -> None:
    draft = Draft("crash-missing-executable").without_events().ended(128, "StartError", message=message)
    assert verdict(draft).cause == STARTS[message]


@pytest.mark.parametrize("message", STARTS)
def test_a_failed_start_is_explained_by_the_waiting_message(message: str) -> None:
    draft = Draft("crash-missing-executable").without_events().waiting("RunContainerError", message)
    draft.status["lastState"] = {}
    assert verdict(draft).cause == STARTS[message]


def test_docker_says_container_cannot_run() -> None:
    message = 'OCI runtime create failed: exec: "gunicron": executable file not found in $PATH: unknown'
    draft = Draft("crash-missing-executable").without_events().ended(127, "ContainerCannotRun", message=message)
    found = verdict(draft)
    assert found.cause == "executable-not-found"
    assert "gunicron" in found.sentence
