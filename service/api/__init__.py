"""HTTP endpoints, one file each, and the reading of their requests."""
