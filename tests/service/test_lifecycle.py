import threading

from service.lifecycle import CHECKS, Lifecycle, State, run_with_timeout


def ready() -> Lifecycle:
    lifecycle = Lifecycle()
    lifecycle.warming()
    for name in ("weights", "warm_up", "golden_images"):
        lifecycle.passed(name, "fine")
    lifecycle.serve()
    return lifecycle


def test_it_starts_loading_and_not_ready() -> None:
    lifecycle = Lifecycle()
    assert lifecycle.state is State.LOADING
    assert not lifecycle.ready
    assert tuple(lifecycle.checks()) == CHECKS


def test_it_is_ready_when_every_check_has_passed() -> None:
    lifecycle = ready()
    assert lifecycle.ready
    assert all(check.passed for check in lifecycle.checks().values())


def test_it_does_not_become_ready_while_a_check_is_missing() -> None:
    lifecycle = Lifecycle()
    lifecycle.passed("weights", "fine")
    lifecycle.serve()
    assert not lifecycle.ready


def test_a_failed_check_keeps_it_from_ever_becoming_ready() -> None:
    lifecycle = Lifecycle()
    lifecycle.failed("weights", "damaged")
    lifecycle.serve()
    assert lifecycle.state is State.FAILED
    assert lifecycle.checks()["weights"].detail == "damaged"


def test_a_draining_server_is_unready() -> None:
    lifecycle = ready()
    lifecycle.drain()
    assert lifecycle.state is State.DRAINING
    assert not lifecycle.ready
    assert not lifecycle.checks()["not_draining"].passed


def test_draining_is_final() -> None:
    lifecycle = ready()
    lifecycle.drain()
    lifecycle.warming()
    lifecycle.serve()
    lifecycle.failed("weights", "too late")
    assert lifecycle.state is State.DRAINING


def test_the_report_says_since_when_the_state_holds() -> None:
    moments = iter([10.0, 20.0])
    lifecycle = Lifecycle(clock=lambda: next(moments))
    assert lifecycle.report()["since"] == 10.0
    lifecycle.warming()
    lifecycle.warming()
    assert lifecycle.report()["since"] == 20.0


def test_every_change_is_reported() -> None:
    reports: list[tuple[str, bool]] = []
    lifecycle = Lifecycle(on_change=lambda report: reports.append((report["state"], report["ready"])))
    lifecycle.warming()
    for name in ("weights", "warm_up", "golden_images"):
        lifecycle.passed(name, "fine")
    lifecycle.serve()
    lifecycle.drain()
    assert reports == [*[("warming", False)] * 4, ("ready", True), ("draining", False)]


def test_work_that_ends_in_time_is_waited_for() -> None:
    done = threading.Event()
    run_with_timeout(done.set, 60, "quick")
    assert done.is_set()


def test_work_that_takes_longer_continues_on_its_daemon_thread() -> None:
    release = threading.Event()
    run_with_timeout(lambda: release.wait(60), 0.01, "slow")
    assert any(thread.name == "slow" and thread.daemon for thread in threading.enumerate())
    release.set()
