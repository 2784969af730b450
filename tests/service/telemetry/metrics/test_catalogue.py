import random
import string

from flask.testing import FlaskClient

from service.app import Predictor
from tests.service.pictures import plain

MOST_SERIES = 500
"""A pod's share of Prometheus; at a hundred pods, 50,000 series."""


def series(predictor: Predictor) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    families = predictor.metrics.registry.collect()
    return {(sample.name, tuple(sorted(sample.labels.items()))) for family in families for sample in family.samples}


def test_a_pods_series_stay_within_their_budget(predictor: Predictor) -> None:
    assert len(series(predictor)) <= MOST_SERIES


def test_neither_good_requests_nor_a_hostile_scan_add_a_series(client: FlaskClient, predictor: Predictor) -> None:
    before = series(predictor)
    dice = random.Random(0)
    for _ in range(10_000):
        word = "".join(dice.choices(string.ascii_letters + string.digits + "/.%", k=12))
        method = dice.choice(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", word[:5].upper()])
        path = dice.choice(["/", "//", "/predict/", "/predict", "/model", "/static/x", "/healthz", f"/{word}"])
        headers = {"Host": f"{word.strip('/.%')}.example", "User-Agent": word, "X-Request-Id": word}
        client.open(path, method=method, headers=headers, data=word if dice.random() < 0.5 else b"")
    client.post("/predict", data=plain("cat"))
    client.get("/metrics")
    assert series(predictor) == before
