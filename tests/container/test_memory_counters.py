from tests.container.memory import Memory, parse

FIRST = """\
memory.max_usage_in_bytes:900
memory.oom_control:oom_kill_disable 0
memory.oom_control:oom_kill 2
memory.stat:cache 1
memory.stat:total_cache 110
memory.stat:total_shmem 10
memory.stat:total_inactive_file 60
memory.usage_in_bytes:500
"""
SECOND = """\
memory.current:500
memory.events:oom 3
memory.events:oom_kill 2
memory.peak:900
memory.stat:file 110
memory.stat:shmem 10
memory.stat:inactive_file 60
"""


def test_control_groups_of_both_versions_are_read_alike() -> None:
    assert parse(FIRST) == parse(SECOND) == Memory(usage=500, peak=900, cache=100, idle_cache=60, kills=2)


def test_files_that_can_be_taken_back_do_not_count_as_held() -> None:
    memory = parse(FIRST)
    assert (memory.held, memory.working_set) == (400, 440)
