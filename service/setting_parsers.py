"""Parsers of setting values. Each returns the value, or raises ``ValueError`` with what it expected."""

from collections.abc import Callable

MIN_KEY_LENGTH = 16
"""Characters; a shorter HMAC key can be guessed from one signature."""


def integer(low: int, high: int) -> Callable[[str], int]:
    """An integer from ``low`` to ``high``."""

    def parse(value: str) -> int:
        if not (value.isascii() and value.strip().isdecimal()) or not low <= int(value) <= high:
            raise ValueError(f"an integer from {low} to {high}")
        return int(value)

    return parse


def seconds(low: float, high: float) -> Callable[[str], float]:
    """Seconds from ``low`` to ``high``."""

    def parse(value: str) -> float:
        try:
            seconds = float(value)
        except ValueError:
            seconds = float("nan")
        if not low <= seconds <= high:
            raise ValueError(f"seconds from {low:g} to {high:g}")
        return seconds

    return parse


def one_of(*choices: str) -> Callable[[str], str]:
    """One of the choices."""

    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return value

    return parse


def boolean(value: str) -> bool:
    """``true`` or ``false``."""
    if value.lower() not in ("true", "false"):
        raise ValueError("true or false")
    return value.lower() == "true"


def text(value: str) -> str:
    """A string that is not empty."""
    if not value.strip():
        raise ValueError("a value that is not empty")
    return value.strip()


def key(value: str) -> str:
    """A secret key, or the empty string."""
    key = value.strip()
    if value and len(key) < MIN_KEY_LENGTH:
        raise ValueError(f"nothing, or at least {MIN_KEY_LENGTH} characters")
    return key
