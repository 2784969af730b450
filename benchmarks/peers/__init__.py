"""Other servers with the same model and engine. Their applications are the plainest that their documentation shows."""
