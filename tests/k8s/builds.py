"""Every build that is checked: the base, the overlays, and the base with each sensible combination of components."""

from itertools import product

KUSTOMIZATIONS = ("base", "overlays/local", "overlays/production")

ONE_OF = (
    ((), ("hpa",), ("hpa-active-requests",), ("keda",)),  # two autoscalers would fight over one Deployment
    ((), ("monitoring",), ("monitoring-helm-stack",)),
    ((), ("gateway",)),
    ((), ("network-policy", "otel", "cpu-limit", "registry")),  # they touch nothing that another component touches
)

COMBINATIONS = tuple(sum(choice, start=()) for choice in product(*ONE_OF))

ALONE = tuple((each,) for each in ("network-policy", "otel", "cpu-limit", "registry"))

BUILDS = (*KUSTOMIZATIONS, *("+".join(each) for each in (*COMBINATIONS, *ALONE) if each))
