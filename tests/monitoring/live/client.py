"""A client of the API that retries after connection errors."""

from contextlib import suppress
from typing import Any

import requests

from tests.e2e.server import Server


class Client:
    """Retries, because connections may fail on a busy machine or while a worker is replaced."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._session = requests.Session()

    def post(self, path: str = "/predict", **options: Any) -> requests.Response:
        return self._ask("POST", path, options)

    def get(self, path: str) -> requests.Response:
        return self._ask("GET", path, {})

    def report(self, prediction_id: str, label: str) -> None:
        self.post("/feedback", json={"prediction_id": prediction_id, "label": label}).raise_for_status()

    def _ask(self, method: str, path: str, options: dict[str, Any]) -> requests.Response:
        return self.send(requests.Request(method, self._server.url(path), **options).prepare())

    def send(self, request: requests.PreparedRequest) -> requests.Response:
        for _ in range(4):
            with suppress(requests.ConnectionError):
                return self._session.send(request, timeout=60)
        return self._session.send(request, timeout=60)
