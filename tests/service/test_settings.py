import re
from dataclasses import fields, replace

import pytest

from model.engines.cgroups import usage
from service import settings
from service.settings import Settings, SettingsError, variable


def test_without_variables_every_setting_has_its_default() -> None:
    assert Settings.from_env({}) == Settings()
    assert Settings().changed() == {}


def test_other_variables_are_ignored() -> None:
    assert Settings.from_env({"CIFAR10_SERVICE_PORT": "tcp://10.0.0.1:80", "PATH": "/bin"}) == Settings()


def test_a_variable_changes_its_setting() -> None:
    changed = Settings.from_env({"PREDICTOR_PORT": "8001", "PREDICTOR_DRAIN_SECONDS": "0"})
    assert changed.changed() == {"PREDICTOR_PORT": 8001, "PREDICTOR_DRAIN_SECONDS": 0.0}


def test_a_misspelt_name_is_refused_with_the_closest_one() -> None:
    with pytest.raises(SettingsError, match=r"PREDICTOR_PROT is not a setting: did you mean PREDICTOR_PORT\?"):
        Settings.from_env({"PREDICTOR_PROT": "8001"})


def test_an_unknown_name_is_refused_with_the_known_names() -> None:
    with pytest.raises(SettingsError, match="PREDICTOR_XYZZY is not a setting; known are PREDICTOR_"):
        Settings.from_env({"PREDICTOR_XYZZY": "1"})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PREDICTOR_PORT", "http", "an integer from 1 to 65535"),
        ("PREDICTOR_PORT", "0", "an integer from 1 to 65535"),
        ("PREDICTOR_PORT", "-1", "an integer from 1 to 65535"),
        ("PREDICTOR_PORT", "", "an integer from 1 to 65535"),
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


def test_an_engine_that_is_not_installed_is_refused_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.settings.installed", lambda engine: engine != "onnxruntime")
    with pytest.raises(SettingsError, match=r"not installed: pip install -r requirements-onnxruntime\.txt"):
        Settings.from_env({"PREDICTOR_ENGINE": "onnxruntime"})


def test_the_engine_must_support_the_precision() -> None:
    with pytest.raises(
        SettingsError, match="PREDICTOR_PRECISION=int8 is not supported by the engine torch: expected one"
    ):
        Settings.from_env({"PREDICTOR_PRECISION": "int8"})
    assert Settings.from_env({"PREDICTOR_PRECISION": "int8", "PREDICTOR_ENGINE": "onnxruntime"}).precision == "int8"


def test_the_two_ports_must_differ() -> None:
    with pytest.raises(SettingsError, match="PREDICTOR_OPS_PORT=8000 is also PREDICTOR_PORT"):
        Settings.from_env({"PREDICTOR_OPS_PORT": "8000"})


def test_the_largest_request_must_fit_into_the_queue() -> None:
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
def test_workers_default_to_what_cpus_and_memory_allow(
    monkeypatch: pytest.MonkeyPatch, asked: int, cpus: float, memory: int | None, count: int
) -> None:
    monkeypatch.setattr(settings, "available_cpus", lambda: cpus)
    monkeypatch.setattr(settings, "usage", lambda: replace(usage(), memory_limit_bytes=memory))
    assert Settings.from_env({"PREDICTOR_WORKERS": str(asked)}).worker_count == count


def test_engine_threads_default_to_the_workers_share_of_the_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "default_threads", lambda processes: 12 // processes)
    assert Settings.from_env({"PREDICTOR_WORKERS": "3"}).engine_threads == 4
    assert Settings.from_env({"PREDICTOR_WORKERS": "3", "PREDICTOR_CPU_THREADS": "2"}).engine_threads == 2


def test_threads_remain_to_refuse_requests_when_the_queue_is_full() -> None:
    settings = Settings()
    assert settings.threads > settings.queue_capacity + settings.max_batch


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_default_is_accepted_by_its_parser(field) -> None:  # type: ignore[no-untyped-def]
    assert Settings.from_env({variable(field.name): str(field.default)}) == Settings()
