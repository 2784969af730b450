"""The rules that every build keeps; importing this package fills ``RULES``."""

from importlib import import_module
from pkgutil import iter_modules

from tests.k8s.policy.rules import RULES

__all__ = ["RULES"]

for _file in iter_modules(__path__):
    import_module(f"{__name__}.{_file.name}")
