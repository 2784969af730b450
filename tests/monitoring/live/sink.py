"""A webhook for tests: receives what a real Alertmanager sends, and remembers it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.http_server import Handler, serving


@dataclass(frozen=True)
class Notification:
    """One message: about a group of alerts, to the receiver whose path it came by."""

    at: float
    receiver: str
    body: dict[str, Any]

    @property
    def group(self) -> dict[str, str]:
        return dict(self.body["groupLabels"])

    def labels(self, status: str) -> list[dict[str, str]]:
        """Of its alerts that are ``firing`` or ``resolved``."""
        return [alert["labels"] for alert in self.body["alerts"] if alert["status"] == status]


@dataclass
class Sink:
    """What was received so far, and where to send it."""

    address: str = ""
    notifications: list[Notification] = field(default_factory=list)
    refusing: bool = False
    """Whether the next message is refused, though remembered."""

    def received(self, status: str, **labels: str) -> list[Notification]:
        """The messages that tell of an alert with these labels being ``firing`` or ``resolved``."""
        return [
            each for each in self.notifications if any(labels.items() <= alert.items() for alert in each.labels(status))
        ]

    def receivers(self, status: str, **labels: str) -> set[str]:
        return {each.receiver for each in self.received(status, **labels)}


@contextmanager
def listening() -> Iterator[Sink]:
    """A sink on a free port, until the block ends."""
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
