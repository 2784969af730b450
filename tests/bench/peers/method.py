"""How the figures came about, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.bench.peers.prose import bullets, paragraph


def method(run: Mapping[str, Any]) -> Iterator[str]:
    """Markdown."""
    yield from ["## How it was measured", ""]
    yield from paragraph(
        f"`make bench` takes each figure in {run['rounds']} rounds of {run['seconds']:g} s; `make bench ARGS=--quick`",
        "takes three minutes for all. All servers are up at once, and each figure is taken of all of them, in",
        "random order, before it is taken again: what the machine does meanwhile hits them alike.",
    )
    yield from bullets([f"**{each['name']}**: {each['how']}." for each in run["contestants"]])
    yield from paragraph(
        "The others run this repository's network, restored from its weights to float32, traced, frozen and channels",
        "last, which is the fastest that plain PyTorch made it, on one thread in a process for each core. They decode",
        "with Pillow and answer with the same ten probabilities. They do not count, log, trace, check or refuse",
        "anything more than they do by themselves; this server does all of it, with 1 % of the traces sent to a",
        "collector, in a worker for each core as well, which it keeps there by itself, while those of the others move",
        "as the kernel likes. Each peer has an environment of its own, which takes torch,",
        "and what else it has not installed itself, from the project's:",
    )
    yield from bullets([f"{peer}: {', '.join(pins)}" for peer, pins in run["pins"].items()])
    yield from paragraph(
        "All else is pinned in `tests/bench/peers/requirements/`. This server's engines compute in less than float32",
        "where they can. What that costs in accuracy is in the [model card](../model/artifacts/card.json); the row in",
        "float32 shows what is left without it.",
    )
    yield from paragraph(
        "The load comes from `tests/bench/peers/load.py`, on the same cores, over 127.0.0.1. It costs processor time",
        "for each request, so it slows the fastest server the most. Under load it looks at the status alone; that the",
        "answer is right is checked once before. It is the same picture each time.",
    )
