import threading

import numpy as np
import pytest

from service.jobs import Answer, Batch, Job


@pytest.fixture
def job() -> Job:
    return Job(np.zeros((1, 32, 32, 3), np.uint8), deadline=0.0, submitted=0.0)


@pytest.fixture
def answer() -> Answer:
    return Answer(np.zeros((1, 10), np.float32), 0.0, Batch(1, 0.0, 0.0, 0.0, ()))


def test_the_answer_is_there_for_whoever_comes_later(job: Job, answer: Answer) -> None:
    job.finish(answer)
    assert job.wait(0.0) is answer


def test_the_one_that_waits_is_woken(job: Job, answer: Answer) -> None:
    threading.Timer(0.05, job.finish, [answer]).start()
    assert job.wait(30.0) is answer


def test_what_went_wrong_is_raised(job: Job) -> None:
    job.finish(ValueError("not finite"))
    with pytest.raises(ValueError, match="not finite"):
        job.wait(0.0)


def test_it_is_not_waited_for_longer_than_is_said(job: Job) -> None:
    with pytest.raises(TimeoutError):
        job.wait(0.01)
