from collections import Counter

from benchmarks import hey

CSV = """response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset
0.0040,0.0009,0.0000,0.0000,0.0022,0.0012,200,0.1000
0.0020,0.0025,0.0000,0.0000,0.0014,0.0000,429,0.2000
0.0080,0.0025,0.0000,0.0000,0.0010,0.0007,200,0.9000
0.3000,0.0025,0.0000,0.0000,0.0010,0.0007,200,0.9500
"""

SUMMARY = """
Status code distribution:
  [200]\t90 responses
  [429]\t23 responses

Error distribution:
  [18]\tPost "http://127.0.0.1:1/predict": EOF
  [2]\tPost "http://127.0.0.1:1/predict": read tcp 127.0.0.1:2->127.0.0.1:1: read: connection reset by peer
  [700]\tPost "http://127.0.0.1:1/predict": dial tcp 127.0.0.1:1: connect: connection refused
"""


def test_refusals_and_answers_after_the_end_are_not_goodput() -> None:
    result = hey.parse_csv(CSV.splitlines(), seconds=1.0)
    assert result.statuses == {200: 2, 429: 1}
    assert (result.rate, result.goodput) == (3, 2)
    assert result.latencies == [0.004, 0.008]


def test_results_of_several_rounds_add_up() -> None:
    total = hey.Result()
    for latency in range(1, 101):
        total.add(hey.Result(1.0, Counter({200: 1}), [latency / 1000]))
    assert (total.goodput, total.milliseconds(50), total.milliseconds(99)) == (1, 51, 100)


def test_a_percentile_needs_enough_answers() -> None:
    assert hey.Result(1.0, Counter({200: 99}), [0.001] * 99).milliseconds(99) is None


def test_a_request_is_lost_if_its_connection_broke_but_not_if_none_was_made() -> None:
    summary = hey.parse_summary(SUMMARY)
    assert summary.statuses == {200: 90, 429: 23}
    assert (summary.lost, summary.refused_connections) == (20, 700)
