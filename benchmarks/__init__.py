"""Benchmarks. Each module is a program: ``python -m benchmarks.transport --quick``.

All of them need ``hey`` (Debian's package), which sends the load from the same machine as the server.
"""
