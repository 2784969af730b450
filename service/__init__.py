"""The CIFAR-10 predictor: a Flask application served by gunicorn."""

__version__ = "0.1.0"
