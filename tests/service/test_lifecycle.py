from service.lifecycle import CHECKS, Lifecycle, State


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
    assert not lifecycle.accepting
    assert tuple(lifecycle.checks()) == CHECKS


def test_it_is_ready_when_every_check_passed() -> None:
    lifecycle = ready()
    assert lifecycle.ready
    assert lifecycle.accepting
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


def test_draining_is_unready_and_still_answers() -> None:
    lifecycle = ready()
    lifecycle.drain()
    assert lifecycle.state is State.DRAINING
    assert not lifecycle.ready
    assert lifecycle.accepting
    assert not lifecycle.checks()["not_draining"].passed


def test_a_server_that_was_never_ready_answers_nothing_while_draining() -> None:
    lifecycle = Lifecycle()
    lifecycle.drain()
    assert not lifecycle.accepting


def test_nothing_leads_back_from_draining() -> None:
    lifecycle = ready()
    lifecycle.drain()
    lifecycle.warming()
    lifecycle.serve()
    lifecycle.failed("weights", "too late")
    assert lifecycle.state is State.DRAINING


def test_it_remembers_since_when() -> None:
    moments = iter([10.0, 20.0])
    lifecycle = Lifecycle(clock=lambda: next(moments))
    assert lifecycle.since == 10.0
    lifecycle.warming()
    lifecycle.warming()
    assert lifecycle.since == 20.0
