"""What is recorded of every request: metrics, traces and logs."""
