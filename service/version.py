"""The release of the service; the model has a version of its own, in its card."""

VERSION = "0.1.0"
