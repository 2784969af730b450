"""State that the worker processes of one server share."""
