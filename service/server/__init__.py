"""The gunicorn worker, the operations server and CPU pinning."""
