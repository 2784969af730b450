"""Runs one drill, from the healthy workload and back to it."""

import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass

from k8s.doctor.terminal import say
from k8s.drill import workload
from k8s.drill.catalogue import Drill
from k8s.drill.cluster import NAMESPACE, Cluster, DrillError
from k8s.drill.doctor import Opinion, command
from k8s.drill.signals import SELECTOR, View, expected, look, seen
from k8s.drill.status import ready, status

DOCTOR_SECONDS = 60.0
"""How long the doctor may take to name the cause after every signal was seen: some objects are updated later."""

Doctor = Callable[[str], Opinion]
"""Diagnoses the cluster of a context."""


@dataclass
class Runner:
    """Applies the fault, watches for its signals, asks the doctor and cleans up."""

    cluster: Cluster
    doctor: Doctor
    timeout: float
    """Seconds to become healthy, and again for the signals to appear."""
    poll: float

    def run(self, drill: Drill, *, keep: bool) -> bool:
        """Whether every expected signal appeared and the doctor named the cause. Always cleans up, unless ``keep``."""
        self.cluster.check()
        say(f"{drill.name}: {drill.title}.\n{textwrap.fill(drill.explanation, 100)}\n")
        say(f"Context {self.cluster.context}, namespace {NAMESPACE}: waiting until {workload.OVERLAY} is healthy ...")
        extras = workload.extras(self.cluster, drill)
        workload.apply(self.cluster, self._wait)
        say("Healthy. Applying the fault:")
        before = look(self.cluster)
        try:
            self._command("apply", "-k", drill.path)
            missing = self._watch(drill, before)
            self._show()
            agrees = self._ask(drill, not missing)
            say(f"Fix: {drill.fix}")
        finally:
            if keep:
                self._tell(extras)
            else:
                self._mend(extras, before)
        say(f"{drill.name}: " + ("as expected" if agrees and not missing else "NOT as expected"))
        return agrees and not missing

    def _watch(self, drill: Drill, before: View) -> set[str]:
        """Print changes until every signal was seen or the timeout has passed. Returns the names of missing signals."""
        began, shown, missing = time.monotonic(), "", expected(drill)

        def done() -> bool:
            nonlocal shown
            now = look(self.cluster)
            pods = ", ".join(f"{ready(pod)} {status(pod)}" for pod in now.pods) or "no pods"
            if pods != shown:
                say(f"  {time.monotonic() - began:4.0f} s  pods: {pods}")
                shown = pods
            for name, what in seen(drill, now, before):
                if name in missing:
                    missing.remove(name)
                    say(f"  {time.monotonic() - began:4.0f} s  seen: {name}: {what}")
            return not missing

        if not self._wait(done):
            say(f"NOT seen within {self.timeout:g} s: {', '.join(sorted(missing))}.")
        if drill.signals.other:
            say(f"Not checked: {drill.signals.other}.")
        if drill.alert:
            say(f"If the fault lasts (--keep), the alert {drill.alert} fires: monitoring/runbooks/{drill.alert}.md")
        else:
            say(f"No alert fires. {drill.why_no_alert}.")
        return missing

    def _show(self) -> None:
        self._command("get", "pods", "-l", SELECTOR)
        warnings = self._command(
            "get", "events", "--field-selector=type=Warning", "--sort-by=.metadata.creationTimestamp", silent=True
        ).splitlines()
        for line in warnings[:1] + warnings[1:][-5:]:
            say(line)

    def _ask(self, drill: Drill, all_seen: bool) -> bool:
        """Ask the doctor until it names the cause, for the full timeout if the drill has no signals but the status."""
        began, opinion = time.monotonic(), Opinion((), "")
        patience = (DOCTOR_SECONDS if expected(drill) - {"status"} else self.timeout) if all_seen else 0
        say(f"\n$ {command(self.cluster.context)}")

        def answered() -> bool:
            nonlocal opinion
            before, opinion = opinion, self.doctor(self.cluster.context)
            if drill.cause in opinion.causes or time.monotonic() - began > patience:
                return True
            if opinion.causes != before.causes:
                say(f"  {', '.join(opinion.causes)}; asking again for up to {patience:g} s ...")
            return False

        try:
            self._wait(answered)
        except DrillError as error:
            say(str(error))
        for line in opinion.text.splitlines():
            say(line)
        right = drill.cause in opinion.causes
        say(f"\nThe doctor {'names' if right else 'does NOT name'} the expected cause, {drill.cause}.")
        return right

    def _mend(self, extras: list[workload.Extra], before: View) -> None:
        say("Cleaning up ...")
        try:
            for arguments, given in map(workload.undo, extras):
                self.cluster.kubectl(*arguments, given=given)
            workload.apply(self.cluster, self._wait)
            for pod in look(self.cluster).since(before).pods:
                if pod["status"]["phase"] == "Failed":  # evicted pods are not deleted automatically
                    self.cluster.kubectl("delete", "pod", pod["metadata"]["name"], "--ignore-not-found")
        except (KeyboardInterrupt, DrillError):
            self._tell(extras)
            raise
        say("Healthy again.")

    def _tell(self, extras: list[workload.Extra]) -> None:
        say("The fault is still there. To remove it:")
        say(f"  kubectl apply -k {workload.OVERLAY}")
        for each in extras:
            arguments, given = workload.undo(each)
            words = (
                f"kubectl {' '.join(arguments)}"
                if given is None
                else f"apply your own {'/'.join(each.reference)} again"
            )
            say(f"  {words}")

    def _command(self, *arguments: str, silent: bool = False) -> str:
        """Print and run a kubectl command."""
        say("\n$ kubectl " + " ".join(arguments))
        text = self.cluster.kubectl(*arguments)
        if not silent:
            for line in text.rstrip().splitlines():
                say(line)
        return text

    def _wait(self, condition: Callable[[], bool]) -> bool:
        """Whether the condition becomes true before the timeout; checked at least once."""
        end = time.monotonic() + self.timeout
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(self.poll)
        return True
