"""CPU limits from cgroup v1, v2 and hybrid file trees, and CPU flags."""

from pathlib import Path

import pytest

from model.engines.cpu import available_cpus, default_threads, has_bfloat16, has_int8


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


V1 = "4:memory:/pod\n3:cpu,cpuacct:/pod/box\n2:cpuset:/\n"
CPU, MIXED = "sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct"

CASES = {
    "nothing is known": ({}, 8.0),
    "version 2, half a core": ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "50000 100000\n"}, 0.5),
    "version 2, no limit": ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, 8.0),
    "version 2, more than the affinity": (
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "3200000 100000\n"},
        8.0,
    ),
    "version 2, the parent is tighter": (
        {
            "proc/self/cgroup": "0::/pod/box\n",
            "sys/fs/cgroup/pod/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/pod/box/cpu.max": "max 100000\n",
        },
        1.5,
    ),
    "version 2, own group is tighter": (
        {
            "proc/self/cgroup": "0::/pod/box\n",
            "sys/fs/cgroup/pod/cpu.max": "400000 100000\n",
            "sys/fs/cgroup/pod/box/cpu.max": "200000 100000\n",
        },
        2.0,
    ),
    "version 2, only the mount is visible": (
        {"proc/self/cgroup": "0::/kubepods/pod1/box\n", "sys/fs/cgroup/cpu.max": "100000 100000\n"},
        1.0,
    ),
    "version 2, outside the namespace": (
        {"proc/self/cgroup": "0::/../../other\n", "sys/fs/cgroup/cpu.max": "300000 100000\n", "other/cpu.max": "1 9"},
        3.0,
    ),
    "version 1, two and a half cores": (
        {
            "proc/self/cgroup": V1,
            f"{CPU}/pod/box/cpu.cfs_quota_us": "250000\n",
            f"{CPU}/pod/box/cpu.cfs_period_us": "100000\n",
        },
        2.5,
    ),
    "version 1, no limit": (
        {"proc/self/cgroup": V1, f"{CPU}/cpu.cfs_quota_us": "-1\n", f"{CPU}/cpu.cfs_period_us": "100000\n"},
        8.0,
    ),
    "version 1, only the mount is visible, under both controllers' name": (
        {"proc/self/cgroup": V1, f"{MIXED}/cpu.cfs_quota_us": "100000\n", f"{MIXED}/cpu.cfs_period_us": "50000\n"},
        2.0,
    ),
    "version 1, period missing": ({"proc/self/cgroup": V1, f"{CPU}/cpu.cfs_quota_us": "100000\n"}, 8.0),
    "hybrid, version 2 limits": (
        {"proc/self/cgroup": V1 + "0::/box\n", "sys/fs/cgroup/unified/box/cpu.max": "100000 100000\n"},
        1.0,
    ),
    "hybrid, version 1 limits": (
        {
            "proc/self/cgroup": V1 + "0::/\n",
            "sys/fs/cgroup/unified/cpu.max": "max 100000\n",
            f"{CPU}/pod/cpu.cfs_quota_us": "400000\n",
            f"{CPU}/pod/cpu.cfs_period_us": "100000\n",
        },
        4.0,
    ),
    "cpuset and cpuacct are not cpu": (
        {
            "proc/self/cgroup": "3:cpuset,cpuacct:/\n",
            f"{CPU}/cpu.cfs_quota_us": "100000\n",
            f"{CPU}/cpu.cfs_period_us": "100000\n",
        },
        8.0,
    ),
    "malformed files": ({"proc/self/cgroup": "0::/\nwhat\n", "sys/fs/cgroup/cpu.max": "many few\n"}, 8.0),
    "a period of zero": ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "100000 0\n"}, 8.0),
}


@pytest.mark.parametrize(("files", "expected"), CASES.values(), ids=CASES)
def test_the_minimum_of_quota_and_affinity_is_available(tmp_path: Path, files: dict[str, str], expected: float) -> None:
    assert available_cpus(tree(tmp_path, files), affinity=8) == expected


@pytest.mark.parametrize(
    ("quota", "threads"), [(20_000, 1), (100_000, 1), (200_000, 1), (290_000, 1), (300_000, 2), (990_000, 3)]
)
def test_threads_are_whole_cpus_minus_one_and_at_least_one(tmp_path: Path, quota: int, threads: int) -> None:
    root = tree(tmp_path, {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": f"{quota} 100000\n"})
    assert default_threads(root, affinity=4) == threads


def test_this_process_has_some_cpu() -> None:
    assert available_cpus() > 0
    assert default_threads() >= 1


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16\n", True),
        ("processor : 0\nflags : fpu amx_bf16\n", True),
        ("flags\t\t: fpu avx512f avx512_bf16x\n", False),
        ("Features\t: fp asimd\n", False),
        ("", False),
    ],
)
def test_bfloat16_is_read_from_the_cpus_flags(tmp_path: Path, cpuinfo: str, expected: bool) -> None:
    assert has_bfloat16(tree(tmp_path, {"proc/cpuinfo": cpuinfo})) is expected


@pytest.mark.parametrize(
    ("flags", "expected"), [("fpu avx512_vnni", True), ("avx_vnni", True), ("amx_int8", True), ("avx2 avx512f", False)]
)
def test_int8_is_read_from_the_cpus_flags(tmp_path: Path, flags: str, expected: bool) -> None:
    assert has_int8(tree(tmp_path, {"proc/cpuinfo": f"flags\t\t: {flags}\n"})) is expected


def test_without_cpuinfo_neither_is_supported(tmp_path: Path) -> None:
    assert not has_bfloat16(tmp_path)
    assert not has_int8(tmp_path)


def test_processes_share_the_cpus(tmp_path: Path) -> None:
    root = tree(tmp_path, {})
    assert [default_threads(root, affinity=8, processes=each) for each in (1, 2, 3, 8, 9)] == [7, 3, 1, 1, 1]
