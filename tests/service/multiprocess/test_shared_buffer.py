import multiprocessing

import pytest

from service.multiprocess.shared_buffer import SharedBuffer

CAPACITY = 4096

TEXTS = {b"a" * 4000, b"b" * 3000}


def write_forever(buffer: SharedBuffer) -> None:
    while True:
        for text in TEXTS:
            buffer.write(text)


def test_a_new_buffer_is_empty() -> None:
    assert SharedBuffer(CAPACITY).read() == b""


def test_the_last_value_is_read() -> None:
    buffer = SharedBuffer(CAPACITY)
    for text in (b"one", b"two, which is longer", b"", b"3"):
        buffer.write(text)
        assert buffer.read() == text


def test_a_value_larger_than_the_capacity_is_refused() -> None:
    buffer = SharedBuffer(3)
    buffer.write(b"one")
    with pytest.raises(ValueError, match="4 bytes do not fit into 3"):
        buffer.write(b"four")
    assert buffer.read() == b"one"


def test_another_process_reads_only_complete_values_also_after_its_writer_was_killed() -> None:
    buffer = SharedBuffer(CAPACITY)
    buffer.write(min(TEXTS))
    writer = multiprocessing.get_context("fork").Process(target=write_forever, args=[buffer], daemon=True)
    writer.start()
    seen: set[bytes] = set()
    while len(seen) < len(TEXTS):
        seen.add(buffer.read())
    seen |= {buffer.read() for _ in range(2000)}
    writer.kill()
    writer.join()
    assert seen == TEXTS
    assert buffer.read() in TEXTS
    buffer.write(b"the next one")
    assert buffer.read() == b"the next one"
