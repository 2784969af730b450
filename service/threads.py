"""The threads that handle requests."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from functools import partial

Call = Callable[[], object]

log = logging.getLogger("cifar10")


class Threads:
    """At most ``most``, each started when all others are busy; what then still comes waits in order.

    Of the idle ones, the one that was busy last is busy next, as what it needs is still in the processor's cache.
    :class:`concurrent.futures.ThreadPoolExecutor` takes them in turn, and makes a future of each call.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._started = 0
        self._lock = threading.Lock()
        self._idle: list[_Thread] = []
        self._waiting: deque[Call] = deque()
        self._ended = False

    def submit(self, function: Callable[..., object], *args: object) -> None:
        """Have it called in a thread; what it raises is logged.

        Raises ``RuntimeError`` if not even one can be started.
        """
        call = partial(function, *args)
        with self._lock:
            thread = self._idle.pop() if self._idle else self._another()
            if thread is None:
                self._waiting.append(call)
                return
        thread.give(call)

    def _another(self) -> "_Thread | None":
        """One more, if there may be and the system has the means for it."""
        if self._started == self._most:
            return None
        thread = _Thread(self._next, name=f"request-{self._started + 1}")
        try:
            thread.start()
        except RuntimeError:
            if not self._started:
                raise
            return None
        self._started += 1
        return thread

    def shutdown(self, wait: bool = False) -> None:
        """End the threads once nothing waits; ``wait`` is there because gunicorn gives it, and must be false."""
        assert not wait
        with self._lock:
            self._ended = True
            idle, self._idle = self._idle, []
        for thread in idle:
            thread.give(None)

    def _next(self, thread: "_Thread") -> Call | None:
        """What the thread is to do after what it has done; ``None`` to end."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            if self._ended:
                return None
            self._idle.append(thread)
        return thread.wait()


class _Thread(threading.Thread):
    def __init__(self, after: "Callable[[_Thread], Call | None]", name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._after = after
        self._given = threading.Lock()
        self._given.acquire()
        self._call: Call | None = None

    def give(self, call: Call | None) -> None:
        self._call = call
        self._given.release()

    def wait(self) -> Call | None:
        self._given.acquire()
        call, self._call = self._call, None
        return call

    def run(self) -> None:
        call = self.wait()
        while call:
            try:
                call()
            except BaseException:  # the thread is still needed
                log.exception("a request's thread failed")
            call = self._after(self)
