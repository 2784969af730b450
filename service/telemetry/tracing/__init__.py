"""Request ids, and spans through OpenTelemetry."""
