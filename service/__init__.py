"""The predictor: a Flask application under gunicorn that classifies images and explains itself."""
