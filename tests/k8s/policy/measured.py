"""What the server was measured to need; the manifests' numbers have to leave room above it."""

START_SECONDS = 2.0
"""From the start of the process to ready, two cores."""

LOADED_MEMORY = 308e6
"""Resident bytes while 32 clients send small images."""

PEAK_MEMORY = 950e6
"""Resident bytes while two 16-megapixel images, the largest that are let in, are decoded at once."""

ROOM = 1.3
