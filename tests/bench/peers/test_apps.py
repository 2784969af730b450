import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.peers import environments
from tests.bench.peers.arguments import parse
from tests.bench.peers.contestants import Contestant, contestants
from tests.bench.peers.payloads import SHOWS, payloads
from tests.bench.peers.served import Served, running

OTHERS = [each for each in contestants(2) if not each.ours]
pytestmark = [pytest.mark.e2e, pytest.mark.torch]


@pytest.fixture(scope="module", params=OTHERS, ids=lambda each: each.key)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    contestant: Contestant = request.param
    folder: Path = tmp_path_factory.mktemp(contestant.key)
    made = parse([]).folder / contestant.peer
    if environments.is_made(made, contestant.peer):
        (folder / contestant.peer).symlink_to(made)
    elif os.environ.get("CI") == "true":
        environments.make(folder / contestant.peer, contestant.peer)
    else:
        pytest.skip(f"{contestant.name} has no environment yet: make bench makes it")
    with running(contestant, folder, sink="") as started:
        started.wait_until_it_answers(payloads()["png"])
        yield started


@pytest.mark.parametrize(("name", "images"), [("png", 1), ("jpeg", 1), ("eight", 8)])
def test_a_peer_says_what_each_picture_shows(served: Served, name: str, images: int) -> None:
    assert served.answer(payloads()[name]).replace(" ", "").count(f'"predict":"{SHOWS}"') == images
