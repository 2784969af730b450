"""A webhook that records the notifications of a real Alertmanager."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.http_server import Handler, serving


@dataclass(frozen=True)
class Notification:
    """A notification about a group of alerts; its path names the receiver."""

    at: float
    receiver: str
    body: dict[str, Any]

    @property
    def group(self) -> dict[str, str]:
        return dict(self.body["groupLabels"])

    def labels(self, status: str) -> list[dict[str, str]]:
        """Labels of its alerts with the status ``firing`` or ``resolved``."""
        return [alert["labels"] for alert in self.body["alerts"] if alert["status"] == status]


@dataclass
class Sink:
    """The notifications received so far, and the webhook's address."""

    address: str = ""
    notifications: list[Notification] = field(default_factory=list)
    refusing: bool = False
    """Whether the next notification is recorded but rejected."""

    def received(self, status: str, **labels: str) -> list[Notification]:
        """The notifications about an alert with these labels and status, ``firing`` or ``resolved``."""
        return [
            each for each in self.notifications if any(labels.items() <= alert.items() for alert in each.labels(status))
        ]

    def receivers(self, status: str, **labels: str) -> set[str]:
        return {each.receiver for each in self.received(status, **labels)}


@contextmanager
def listening() -> Iterator[Sink]:
    """A sink on a free port, within the block."""
    sink = Sink()

    class Receiver(Handler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            refused = sink.refusing
            sink.refusing = False
            sink.notifications.append(Notification(time.time(), self.path.removeprefix("/"), body))
            self.send_response(400 if refused else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with serving(Receiver) as port:
        sink.address = f"http://127.0.0.1:{port}"
        yield sink
