"""What a scrape costs Prometheus."""

from prometheus_client import CollectorRegistry, Gauge


class ExpositionMetrics:
    """Told of every scrape; a scrape itself shows the one before."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._series = Gauge("cifar10_metric_series", "Series in the scrape before this one.", registry=registry)

    def scraped(self, text: bytes) -> None:
        """Count the series in what was answered: the lines that are not comments."""
        self._series.set(text.count(b"\n") - text.count(b"\n#") - text.startswith(b"#"))
