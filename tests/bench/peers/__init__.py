"""This server beside others that serve the same network on the same cores: ``make bench``."""
