"""Every build keeps every rule, and every rule notices when it is broken."""

from collections.abc import Callable

import pytest

from tests.k8s.builds import BUILDS
from tests.k8s.manifests import Manifests
from tests.k8s.mutations import MUTATIONS
from tests.k8s.mutations.mutation import Mutation
from tests.k8s.policy import RULES


@pytest.mark.parametrize("name", BUILDS)
def test_every_build_keeps_every_rule(built: Callable[[str], Manifests], name: str) -> None:
    assert [f"{each}: {wrong}" for each, check in RULES.items() for wrong in check(built(name))] == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_a_rule_notices_when_it_is_broken(built: Callable[[str], Manifests], mutation: Mutation) -> None:
    good = built(mutation.build)
    assert list(RULES[mutation.rule](good)) == []
    assert list(RULES[mutation.rule](mutation.apply(good))) != []


def test_every_rule_is_broken_by_a_mutation() -> None:
    assert {mutation.rule for mutation in MUTATIONS} == RULES.keys()
