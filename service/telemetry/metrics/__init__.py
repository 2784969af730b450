"""The Prometheus metrics, one file per family; every label value comes from a closed set."""
