"""The logging configuration of the process, gunicorn's loggers included."""

import logging
import sys
from typing import Any

from service.settings import Settings
from service.telemetry.logs.formatters import JsonFormatter, TextFormatter
from service.telemetry.logs.queue_handler import BoundedQueueHandler


def configuration(settings: Settings) -> dict[str, Any]:
    """For ``logging.config.dictConfig``: every logger writes through one handler."""
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    errors_only = {"level": "ERROR", "propagate": False, "handlers": ["stderr"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": JsonFormatter if as_json else TextFormatter}},
        "handlers": {"stderr": {"()": BoundedQueueHandler, "formatter": "line"}},
        "root": {"level": settings.log_level.upper(), "handlers": ["stderr"]},
        "loggers": {
            "gunicorn.error": {"level": "WARNING", "propagate": False, "handlers": ["stderr"]},
            "gunicorn.access": errors_only,
            "waitress": errors_only,
            "py.warnings": errors_only,  # Pillow's, about files that clients send
        },
    }


def current_handler() -> BoundedQueueHandler | None:
    """The handler of the configuration in use; ``None`` where logging is configured otherwise, as in tests."""
    handlers = logging.getLogger().handlers
    return next((handler for handler in handlers if isinstance(handler, BoundedQueueHandler)), None)
