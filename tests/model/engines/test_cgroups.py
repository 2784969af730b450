from pathlib import Path

import pytest

from model.engines import cgroups
from model.engines.cgroups import Usage, usage


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_version_2_inside_a_container(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/\n",
        "sys/fs/cgroup/cpu.stat": "usage_usec 9\nnr_periods 100\nnr_throttled 7\nthrottled_usec 2500000\n",
        "sys/fs/cgroup/memory.current": "1048576\n",
        "sys/fs/cgroup/memory.max": "2097152\n",
    }
    assert usage(tree(tmp_path, files)) == Usage(100, 7, 2.5, 1048576, 2097152)


def test_version_2_outside_a_container(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/user.slice/me.scope\n",
        "sys/fs/cgroup/memory.current": "9\n",
        "sys/fs/cgroup/user.slice/me.scope/memory.current": "5\n",
    }
    assert usage(tree(tmp_path, files)).memory_bytes == 5


def test_version_1_and_its_units(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.stat": "nr_periods 10\nnr_throttled 1\nthrottled_time 500000000\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "7\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    }
    assert usage(tree(tmp_path, files)) == Usage(10, 1, 0.5, 7, None)


def test_the_lowest_limit_of_the_group_and_its_parents_is_used(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/pod/box\n",
        "sys/fs/cgroup/pod/memory.max": "1000\n",
        "sys/fs/cgroup/pod/box/memory.max": "max\n",
    }
    assert usage(tree(tmp_path, files)).memory_limit_bytes == 1000


def test_no_limit_is_none(tmp_path: Path) -> None:
    files = {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n"}
    assert usage(tree(tmp_path, files)).memory_limit_bytes is None


def test_without_control_groups_every_value_is_none(tmp_path: Path) -> None:
    assert usage(tmp_path) == Usage(None, None, None, None, None)


def test_no_file_of_a_group_is_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "proc/self/cgroup": "4:memory:/docker/abc\n",
        "sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes": "7\n",
        "sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "9\n",
    }
    read: list[Path] = []
    text = cgroups.text

    def seen(path: Path) -> str:
        read.append(path)
        return text(path)

    monkeypatch.setattr(cgroups, "text", seen)
    assert usage(tree(tmp_path, files)) == Usage(None, None, None, 7, 9)
    read = [path for path in read if path.is_relative_to(tmp_path / "sys")]
    assert len(read) == len(set(read)) > 0
