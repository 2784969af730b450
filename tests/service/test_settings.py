import re
from dataclasses import fields, replace

import pytest

from service import settings
from service.cgroup import usage
from service.settings import Settings, SettingsError, variable


def test_without_variables_every_setting_has_its_default() -> None:
    assert Settings.from_env({}) == Settings()
    assert Settings().changed() == {}


def test_variables_of_others_are_left_alone() -> None:
    assert Settings.from_env({"CIFAR10_SERVICE_PORT": "tcp://10.0.0.1:80", "PATH": "/bin"}) == Settings()


def test_a_variable_changes_its_setting() -> None:
    changed = Settings.from_env({"PREDICTOR_PORT": "8001", "PREDICTOR_DRAIN_SECONDS": "0"})
    assert changed.changed() == {"PREDICTOR_PORT": 8001, "PREDICTOR_DRAIN_SECONDS": 0.0}


def test_a_misspelt_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(SettingsError, match=r"PREDICTOR_PROT is not a setting: did you mean PREDICTOR_PORT\?"):
        Settings.from_env({"PREDICTOR_PROT": "8001"})


def test_an_unknown_name_is_refused_with_all_known_ones() -> None:
    with pytest.raises(SettingsError, match="PREDICTOR_XYZZY is not a setting; known are PREDICTOR_"):
        Settings.from_env({"PREDICTOR_XYZZY": "1"})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PREDICTOR_PORT", "http", "a whole number from 1 to 65535"),
        ("PREDICTOR_PORT", "0", "a whole number from 1 to 65535"),
        ("PREDICTOR_PORT", "-1", "a whole number from 1 to 65535"),
        ("PREDICTOR_PORT", "", "a whole number from 1 to 65535"),
        ("PREDICTOR_DEADLINE_SECONDS", "nan", "seconds from 0.01 to 300"),
        ("PREDICTOR_DEADLINE_SECONDS", "soon", "seconds from 0.01 to 300"),
        ("PREDICTOR_ENGINE", "abacus", "one of torch, onnxruntime"),
        ("PREDICTOR_LOG_LEVEL", "INFO", "one of debug, info, warning, error"),
        ("PREDICTOR_HOST", " ", "a value that is not empty"),
    ],
)
def test_a_bad_value_is_refused_with_what_was_expected(name: str, value: str, expected: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"{name}={value!r} is not valid: expected {expected}")):
        Settings.from_env({name: value})


def test_an_engine_that_is_not_installed_is_refused_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.settings.installed", lambda engine: engine != "onnxruntime")
    with pytest.raises(SettingsError, match=r"not installed: pip install -r requirements-onnxruntime\.txt"):
        Settings.from_env({"PREDICTOR_ENGINE": "onnxruntime"})


def test_the_precision_must_be_one_that_the_engine_knows() -> None:
    with pytest.raises(SettingsError, match="PREDICTOR_PRECISION=int8 is not known to the engine torch: expected one"):
        Settings.from_env({"PREDICTOR_PRECISION": "int8"})
    assert Settings.from_env({"PREDICTOR_PRECISION": "int8", "PREDICTOR_ENGINE": "onnxruntime"}).precision == "int8"


def test_the_two_ports_must_differ() -> None:
    with pytest.raises(SettingsError, match="PREDICTOR_OPS_PORT=8000 is the API's port"):
        Settings.from_env({"PREDICTOR_OPS_PORT": "8000"})


def test_a_full_request_must_fit_the_queue() -> None:
    with pytest.raises(SettingsError, match="PREDICTOR_MAX_IMAGES=32 is more than PREDICTOR_QUEUE_CAPACITY=8"):
        Settings.from_env({"PREDICTOR_QUEUE_CAPACITY": "8"})


@pytest.mark.parametrize(
    ("asked", "cpus", "memory", "count"),
    [
        (0, 1.0, None, 1),
        (0, 2.9, None, 2),
        (0, 64.0, None, 4),
        (0, 0.5, None, 1),
        (0, 4.0, 1280 << 20, 1),
        (0, 4.0, 3 << 30, 3),
        (0, 4.0, 256 << 20, 1),
        (7, 1.0, 256 << 20, 7),
    ],
)
def test_there_are_as_many_workers_as_cpus_and_memory_allow_unless_somebody_says(
    monkeypatch: pytest.MonkeyPatch, asked: int, cpus: float, memory: int | None, count: int
) -> None:
    monkeypatch.setattr(settings, "available_cpus", lambda: cpus)
    monkeypatch.setattr(settings, "usage", lambda: replace(usage(), memory_limit_bytes=memory))
    assert Settings.from_env({"PREDICTOR_WORKERS": str(asked)}).worker_count == count


def test_workers_share_the_cpus_between_their_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "default_threads", lambda processes: 12 // processes)
    assert Settings.from_env({"PREDICTOR_WORKERS": "3"}).engine_threads == 4
    assert Settings.from_env({"PREDICTOR_WORKERS": "3", "PREDICTOR_CPU_THREADS": "2"}).engine_threads == 2


def test_there_are_threads_left_to_refuse_with_when_the_queue_is_full() -> None:
    settings = Settings()
    assert settings.threads > settings.queue_capacity + settings.max_batch


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_default_is_a_value_its_own_parser_accepts(field) -> None:  # type: ignore[no-untyped-def]
    assert Settings.from_env({variable(field.name): str(field.default)}) == Settings()
