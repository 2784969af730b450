"""The Prometheus metrics, one file a family; every label value comes from a closed set."""
