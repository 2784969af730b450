"""What breaks the rules: a file of mutations for each file of rules."""

from importlib import import_module
from pkgutil import iter_modules

from tests.k8s.mutations.mutation import Mutation

MUTATIONS: list[Mutation] = [
    mutation
    for file in iter_modules(__path__)
    for mutation in getattr(import_module(f"{__name__}.{file.name}"), "MUTATIONS", [])
]
