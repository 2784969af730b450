"""Grafana dashboards as code; ``python -m dashboards`` writes them as JSON, one file per dashboard."""
