from collections.abc import Iterator

import pytest

from service.slots import Slot
from service.turns import PATIENCE_SECONDS, Turns
from tests.service.clock import Clock


@pytest.fixture
def slots() -> Iterator[list[Slot]]:
    slots = [Slot() for _ in range(3)]
    yield slots
    for slot in slots:
        slot.close()


def test_who_has_more_than_another_leaves_the_connection_to_it_once(slots: list[Slot]) -> None:
    clock = Clock()
    turns = Turns(slots, slots[0], clock)
    slots[1].connections = 2
    assert turns.leaves(3)
    assert turns.remaining == pytest.approx(PATIENCE_SECONDS)
    clock.now += 1.5 * PATIENCE_SECONDS
    assert turns.remaining == 0
    assert not turns.leaves(3), "the other did not come for it"
    assert turns.leaves(4)


def test_what_was_left_long_ago_was_another_connection(slots: list[Slot]) -> None:
    clock = Clock()
    turns = Turns(slots, slots[0], clock)
    slots[1].connections = 2
    assert turns.leaves(3)
    clock.now += 3 * PATIENCE_SECONDS
    assert turns.leaves(3)


def test_who_has_as_few_as_any_takes_it(slots: list[Slot]) -> None:
    turns = Turns(slots, slots[0])
    slots[1].connections, slots[2].connections = 5, 2
    assert not turns.leaves(2)
    assert not turns.leaves(1)
    assert turns.remaining == 0


def test_who_takes_none_does_not_count(slots: list[Slot]) -> None:
    turns = Turns(slots, slots[0])
    assert not turns.leaves(7)
    slots[1].connections = 0
    assert turns.leaves(7)
    slots[1].vacate()
    assert not turns.leaves(7)
    assert not turns.leaves(7)


def test_it_is_known_whether_another_takes_connections(slots: list[Slot]) -> None:
    turns = Turns(slots, slots[0])
    turns.tell(3)
    assert not turns.others
    slots[2].connections = 0
    assert turns.others


def test_the_others_are_told(slots: list[Slot]) -> None:
    turns = Turns(slots, slots[0])
    turns.tell(3)
    assert slots[0].connections == 3
    turns.tell(None)
    assert slots[0].connections is None


@pytest.mark.parametrize(("own", "others", "leaves"), [(4, 3, True), (16, 14, False), (16, 13, True), (0, 0, False)])
def test_among_many_a_few_more_make_no_difference(slots: list[Slot], own: int, others: int, leaves: bool) -> None:
    slots[1].connections = others
    assert Turns(slots, slots[0], Clock()).leaves(own) is leaves
