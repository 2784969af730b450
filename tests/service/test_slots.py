import socket
from contextlib import closing

from service.slots import Slot


def test_a_slot_is_occupied_from_the_first_word_of_its_worker_to_its_end() -> None:
    with closing(Slot()) as slot:
        assert not slot.occupied
        slot.readiness.write(b"{}")
        slot.counted.write(b"[]")
        slot.taken = True
        assert slot.occupied
        slot.vacate()
        assert not slot.occupied
        assert not slot.taken
        assert slot.counted.read() == b"[]", "what was counted outlives the worker"


def test_each_slot_listens_where_no_other_does() -> None:
    with closing(Slot()) as one, closing(Slot()) as other:
        assert one.listener.getsockname() != other.listener.getsockname()
        with closing(socket.socket(one.listener.family, socket.SOCK_STREAM)) as client:
            client.connect(one.listener.getsockname())
