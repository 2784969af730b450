"""JSON for answers and log lines, encoded by orjson."""

import json
from typing import Any

import orjson
from flask.json.provider import DefaultJSONProvider


def encode(value: Any, *, indented: bool = False) -> bytes:
    """One JSON value in ASCII, so that no client's text can control a terminal or end a log line.

    On one line unless ``indented``. Values without a JSON form are encoded as their ``str``.
    """
    try:
        text = orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2 if indented else None)
    except TypeError:  # an unpaired surrogate, which a client may send
        return _escaped(value, indented)
    return text if text.isascii() else _escaped(orjson.loads(text), indented)


def _escaped(value: Any, indented: bool) -> bytes:
    style: dict[str, Any] = {"indent": 2} if indented else {"separators": (",", ":")}
    return json.dumps(value, default=str, **style).encode()


class OrjsonProvider(DefaultJSONProvider):
    """What Flask's ``jsonify`` encodes with."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return encode(obj).decode()
