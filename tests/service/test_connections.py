import resource

import pytest

from service.connections import WANTED, allow


@pytest.mark.parametrize(
    ("soft", "hard", "raised_to", "connections"),
    [
        (1024, 1 << 20, WANTED + 128, WANTED),
        (1024, 2048, 2048, 2048 - 128),
        (1024, resource.RLIM_INFINITY, WANTED + 128, WANTED),
        (1 << 20, 1 << 20, None, WANTED),
        (200, 200, None, 89),
    ],
)
def test_as_many_connections_as_there_may_be_files_and_more_than_threads(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, raised_to: int | None, connections: int
) -> None:
    raised: list[int] = []
    monkeypatch.setattr(resource, "getrlimit", lambda which: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda which, limits: raised.append(limits[0]))
    assert allow(threads=88) == connections
    assert raised == ([raised_to] if raised_to else [])
