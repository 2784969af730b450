import multiprocessing

import pytest

from service.cell import Cell

CAPACITY = 4096

TEXTS = {b"a" * 4000, b"b" * 3000}


def write_for_ever(cell: Cell) -> None:
    while True:
        for text in TEXTS:
            cell.write(text)


def test_there_is_nothing_in_it_at_first() -> None:
    assert Cell(CAPACITY).read() == b""


def test_what_was_written_last_is_read() -> None:
    cell = Cell(CAPACITY)
    for text in (b"one", b"two, which is longer", b"", b"3"):
        cell.write(text)
        assert cell.read() == text


def test_more_than_there_is_room_for_is_refused_and_changes_nothing() -> None:
    cell = Cell(3)
    cell.write(b"one")
    with pytest.raises(ValueError, match="4 bytes are more than the 3 there is room for"):
        cell.write(b"four")
    assert cell.read() == b"one"


def test_another_process_reads_whole_texts_only_and_the_last_one_survives_its_writer() -> None:
    cell = Cell(CAPACITY)
    cell.write(min(TEXTS))
    writer = multiprocessing.get_context("fork").Process(target=write_for_ever, args=[cell], daemon=True)
    writer.start()
    seen: set[bytes] = set()
    while len(seen) < len(TEXTS):
        seen.add(cell.read())
    seen |= {cell.read() for _ in range(2000)}
    writer.kill()
    writer.join()
    assert seen == TEXTS
    assert cell.read() in TEXTS
    cell.write(b"the next one")
    assert cell.read() == b"the next one"
