from pathlib import Path

import pytest

from service.settings import Settings
from tests.bench.peers import environments
from tests.bench.peers.contestants import BASELINE, Contestant, contestants, environment

EVERYBODY = contestants(2)
OURS = [each for each in EVERYBODY if each.ours]
OTHERS = [each for each in EVERYBODY if not each.ours]


def by_key(each: Contestant) -> str:
    return each.key


def variables(each: Contestant) -> dict[str, str]:
    return environment(each, Path("/repository"), Path("/home"), 8000, 9000, "http://sink")


def test_the_baseline_takes_part() -> None:
    assert BASELINE in [each.key for each in OTHERS]


@pytest.mark.parametrize("each", OURS, ids=by_key)
def test_this_server_is_measured_as_it_ships_with_all_telemetry(each: Contestant) -> None:
    given = variables(each)
    settings = Settings.from_env(given)
    assert set(settings.changed()) <= {
        "PREDICTOR_HOST", "PREDICTOR_PORT", "PREDICTOR_OPS_PORT", "PREDICTOR_DRAIN_SECONDS", "PREDICTOR_ENGINE",
        "PREDICTOR_PRECISION",
    }  # fmt: skip
    assert given["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://sink"
    assert given["OTEL_TRACES_SAMPLER_ARG"] == "0.01"


@pytest.mark.parametrize("each", OTHERS, ids=by_key)
def test_every_other_has_an_app_and_pinned_packages(each: Contestant) -> None:
    assert environments.lock_of(each.peer).exists()
    assert all("==" in pin for pin in environments.direct(each.peer))
    assert any("{port}" in part for part in each.command)


@pytest.mark.parametrize("each", OTHERS, ids=by_key)
def test_every_other_has_one_thread_for_each_of_its_processes(each: Contestant) -> None:
    assert variables(each)["OMP_NUM_THREADS"] == "1"
