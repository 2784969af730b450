"""What ``python -m k8s.doctor`` says of the workload."""

from dataclasses import dataclass

from k8s.doctor.cluster import Cluster
from k8s.doctor.diagnosis import diagnose
from k8s.doctor.kubectl import Kubectl, KubectlError
from k8s.doctor.reading import read
from k8s.doctor.report import Style, report
from k8s.drill.cluster import NAMESPACE, DrillError
from k8s.drill.workload import DEPLOYMENT


@dataclass(frozen=True)
class Opinion:
    """The causes, the root first, and the report for a person."""

    causes: tuple[str, ...]
    text: str


def command(context: str) -> str:
    """What a person types to be told the same."""
    return f"python3 -m k8s.doctor --context {context} -n {NAMESPACE} deployment/{DEPLOYMENT}"


def ask(context: str) -> Opinion:
    """Raise :class:`DrillError` if nothing can be read."""
    try:
        seen = read(Kubectl((f"--context={context}",)), ("--namespace", NAMESPACE))
    except KubectlError as error:
        raise DrillError(f"the doctor can read nothing: {error}") from None
    found = diagnose(Cluster(seen), lambda workload: workload.ref == f"deployment/{DEPLOYMENT}")
    causes = tuple(each.cause for one in found for each in (one.verdict, *one.others))
    return Opinion(causes, report(found, seen.unread, Style()))
