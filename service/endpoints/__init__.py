"""One file an endpoint; each makes a blueprint from the parts it needs."""
