import json
from pathlib import Path

import pytest
from flask import Flask, jsonify

from service.json_encoding import OrjsonProvider, encode


def test_output_is_compact_and_keeps_the_order() -> None:
    assert encode({"b": [1, 0.1], "a": None, "c": True}) == b'{"b":[1,0.1],"a":null,"c":true}'


@pytest.mark.parametrize("text", ["ü", "\u2028", "\x85", "\x9b31m", "\U0001f426"])
def test_other_characters_than_ascii_are_escaped(text: str) -> None:
    line = encode({"a": text, "b": 1.5})
    assert line.isascii()
    assert json.loads(line) == {"a": text, "b": 1.5}


def test_numbers_keep_their_precision() -> None:
    numbers = [0.1 + 0.2, 1e-7, 1.0, 123456.789, 2**53]
    assert json.loads(encode(numbers)) == numbers


def test_values_without_a_json_form_become_text() -> None:
    assert encode({"path": Path("/a"), "nan": float("nan")}) == b'{"path":"/a","nan":null}'


def test_an_unpaired_surrogate_is_escaped() -> None:
    assert json.loads(encode({"name": "\udc80"})) == {"name": "\udc80"}


def test_flask_encodes_answers_with_it() -> None:
    app = Flask(__name__)
    app.json = OrjsonProvider(app)
    with app.app_context():
        response = jsonify(a=1, b=["ü"])
    assert response.data == b'{"a":1,"b":["\\u00fc"]}\n'
    assert response.content_type == "application/json"
    assert app.json.loads(response.data) == json.loads(app.json.dumps({"a": 1, "b": ["ü"]}))
