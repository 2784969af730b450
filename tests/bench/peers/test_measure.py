from collections import Counter

from tests.bench.peers.load import Result
from tests.bench.peers.measure import lost, saturated


def test_a_refusal_is_not_lost_but_every_other_status_and_error_is() -> None:
    result = Result(statuses=Counter({"200": 5, "429": 4, "500": 2}), errors=Counter({"timeout": 1}))
    assert lost(result) == 3


def test_what_each_can_do_is_its_median_with_many_clients() -> None:
    def row(payload: str, clients: int) -> dict[str, object]:
        return {
            "contestant": "naive",
            "payload": payload,
            "clients": clients,
            "rounds": [{"rate": r} for r in (1, 9, 5)],
        }

    rows = [row("png", 32), {**row("jpeg", 32), "contestant": "other"}, {**row("png", 8), "contestant": "other"}]
    assert saturated(rows) == {"naive": 5}
