import logging

from service.telemetry.floods import FloodGuard


def line(message: str = "refused", level: int = logging.INFO, code: str = "") -> logging.LogRecord:
    record = logging.LogRecord("cifar10.access", level, __file__, 1, message, (), None)
    record.code = code
    return record


def test_a_flood_of_one_kind_is_cut_short_and_its_end_says_by_how_much() -> None:
    now = [0.0]
    guard = FloodGuard(rate=1, burst=3, clock=lambda: now[0])
    assert [guard.filter(line(code="no_image")) for _ in range(10)] == [True] * 3 + [False] * 7
    now[0] = 1.0
    after = line("POST /predict 400", code="no_image")
    assert guard.filter(after)
    assert after.getMessage() == "POST /predict 400 (7 lines of this kind left out before it)"


def test_a_flood_hides_no_other_kind_and_no_answered_request() -> None:
    guard = FloodGuard(rate=1, burst=1, clock=lambda: 0.0)
    assert guard.filter(line(code="no_image"))
    assert not guard.filter(line(code="no_image"))
    assert guard.filter(line(code="queue_full"))
    assert all(guard.filter(line()) for _ in range(100))


def test_warnings_of_libraries_are_guarded_too() -> None:
    guard = FloodGuard(rate=1, burst=1, clock=lambda: 0.0)
    assert guard.filter(line("collector unreachable", logging.WARNING))
    assert not guard.filter(line("collector unreachable", logging.WARNING))


def test_whoever_wants_to_know_is_told_of_every_line_left_out() -> None:
    guard = FloodGuard(rate=1, burst=1, clock=lambda: 0.0)
    left_out: list[int] = []
    guard.on_drop = left_out.append
    for _ in range(5):
        guard.filter(line(code="no_image"))
    assert sum(left_out) == 4
