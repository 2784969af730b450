"""The doctor's diagnosis of the workload."""

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
    """The causes, root cause first, and the text report."""

    causes: tuple[str, ...]
    text: str


def command(context: str) -> str:
    """The equivalent command line."""
    return f"python3 -m k8s.doctor --context {context} -n {NAMESPACE} deployment/{DEPLOYMENT}"


def ask(context: str) -> Opinion:
    """Raises :class:`DrillError` if nothing can be read."""
    try:
        seen = read(Kubectl((f"--context={context}",)), ("--namespace", NAMESPACE))
    except KubectlError as error:
        raise DrillError(f"the doctor cannot read the cluster: {error}") from None
    found = diagnose(Cluster(seen), lambda workload: workload.ref == f"deployment/{DEPLOYMENT}")
    causes = tuple(each.cause for one in found for each in (one.verdict, *one.others))
    return Opinion(causes, report(found, seen.unread, Style()))
