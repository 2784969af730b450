from service.app import Predictor
from service.siblings import COUNTED
from service.telemetry.metrics.merging import load


def test_a_worker_tells_the_others_all_it_has_counted(predictor: Predictor) -> None:
    answer = predictor.inside.test_client().get(COUNTED)
    assert answer.status_code == 200
    assert {each.name for each in load(answer.data)} == {each.name for each in predictor.metrics.registry.collect()}


def test_nobody_else_is_told(predictor: Predictor) -> None:
    assert predictor.ops.test_client().get(COUNTED).status_code == 404
