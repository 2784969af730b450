import logging

from service.telemetry.logs.rate_limit import RateLimit


def line(message: str = "refused", level: int = logging.INFO, code: str = "") -> logging.LogRecord:
    record = logging.LogRecord("cifar10.access", level, __file__, 1, message, (), None)
    record.code = code
    return record


def test_similar_lines_are_limited_and_the_next_one_says_how_many_were_dropped() -> None:
    now = [0.0]
    limit = RateLimit(rate=1, burst=3, clock=lambda: now[0])
    assert [limit.filter(line(code="no_image")) for _ in range(10)] == [True] * 3 + [False] * 7
    now[0] = 1.0
    after = line("POST /predict 400", code="no_image")
    assert limit.filter(after)
    assert after.getMessage() == "POST /predict 400 (7 similar lines dropped before it)"


def test_other_kinds_and_successful_requests_are_not_limited() -> None:
    limit = RateLimit(rate=1, burst=1, clock=lambda: 0.0)
    assert limit.filter(line(code="no_image"))
    assert not limit.filter(line(code="no_image"))
    assert limit.filter(line(code="queue_full"))
    assert all(limit.filter(line()) for _ in range(100))


def test_warnings_of_libraries_are_limited() -> None:
    limit = RateLimit(rate=1, burst=1, clock=lambda: 0.0)
    assert limit.filter(line("collector unreachable", logging.WARNING))
    assert not limit.filter(line("collector unreachable", logging.WARNING))


def test_dropped_lines_are_counted() -> None:
    limit = RateLimit(rate=1, burst=1, clock=lambda: 0.0)
    for code in ("no_image", "queue_full"):
        for _ in range(5):
            limit.filter(line(code=code))
    assert limit.dropped == 8
