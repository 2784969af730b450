"""The access log, and how log lines are formatted and written."""
