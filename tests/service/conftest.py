"""One application per test, with a fake model that is loaded and ready."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import Predictor, create_app
from service.settings import Settings
from tests.service.fakes import ColourEngine, write_artifact


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env({"PREDICTOR_MODEL_DIR": str(write_artifact(tmp_path / "artifact"))})


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings, ColourEngine())
    predictor: Predictor = app.extensions["predictor"]
    predictor.start().join()
    yield app
    predictor.stop()


@pytest.fixture
def predictor(app: Flask) -> Predictor:
    predictor: Predictor = app.extensions["predictor"]
    return predictor


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
