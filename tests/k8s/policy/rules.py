"""What a rule is, and the list of them all.

A rule looks at the objects of one build and yields a sentence for each thing that is wrong. To add one, write it into
the file of its subject, and into the file of that name in ``tests/k8s/mutations`` what breaks it.
"""

from collections.abc import Callable, Iterator

from tests.k8s.manifests import Manifests

Rule = Callable[[Manifests], Iterator[str]]

RULES: dict[str, Rule] = {}


def rule(check: Rule) -> Rule:
    RULES[check.__name__] = check
    return check
