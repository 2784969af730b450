from tests.container.environment import OF_THE_POD, environment
from tests.k8s.manifests import Manifests


def deployment(*variables: dict[str, object]) -> Manifests:
    spec = {"containers": [{"env": list(variables)}]}
    return Manifests([{"kind": "Deployment", "spec": {"template": {"spec": spec}}}])


def test_a_variable_takes_the_value_of_one_further_up_and_of_none_further_down() -> None:
    found = environment(
        deployment(
            {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "WHO", "value": "$(POD) on $(NODE)"},
            {"name": "NODE", "value": "any"},
        )
    )
    pod = OF_THE_POD["metadata.name"]
    assert found == {"POD": pod, "WHO": f"{pod} on $(NODE)", "NODE": "any"}
