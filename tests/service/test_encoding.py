import json
from pathlib import Path

from flask import Flask, jsonify

from service.encoding import Provider, encode


def test_it_is_compact_and_keeps_the_order() -> None:
    assert encode({"b": [1, 0.1], "a": None, "ü": True}) == '{"b":[1,0.1],"a":null,"ü":true}'.encode()


def test_numbers_lose_nothing() -> None:
    numbers = [0.1 + 0.2, 1e-7, 1.0, 123456.789, 2**53]
    assert json.loads(encode(numbers)) == numbers


def test_what_json_has_no_form_for_becomes_text() -> None:
    assert encode({"path": Path("/a"), "nan": float("nan")}) == b'{"path":"/a","nan":null}'


def test_half_of_a_surrogate_pair_is_escaped() -> None:
    assert json.loads(encode({"name": "\udc80"})) == {"name": "\udc80"}


def test_flask_answers_with_it() -> None:
    app = Flask(__name__)
    app.json = Provider(app)
    with app.app_context():
        response = jsonify(a=1, b=["ü"])
    assert response.data == '{"a":1,"b":["ü"]}\n'.encode()
    assert response.content_type == "application/json"
    assert app.json.loads(response.data) == json.loads(app.json.dumps({"a": 1, "b": ["ü"]}))
