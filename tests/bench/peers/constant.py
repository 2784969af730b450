"""The service without its work: the same gunicorn, worker and Flask, and an answer that never changes."""

from flask import Flask, Response, request

from tests.bench.bare import create_bare_app

ANSWER = '{"predict":"bird"}'


def create_app() -> Flask:
    app = create_bare_app()

    def answer() -> Response:
        request.get_data()
        return Response(ANSWER, mimetype="application/json")

    (rule,) = [rule for rule in app.url_map.iter_rules() if rule.rule == "/predict"]
    app.view_functions[rule.endpoint] = answer
    return app
