import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.bench.peers.picture import Scale, painted, picture

RUN: dict[str, Any] = json.loads((Path(__file__).parents[3] / "docs/performance.json").read_text())


def test_the_picture_is_well_formed_and_names_everybody() -> None:
    texts = [each.text for each in ElementTree.fromstring(picture(RUN)).iter("{http://www.w3.org/2000/svg}text")]
    assert {each["name"] for each in RUN["contestants"]} <= set(texts)


def test_everybody_has_a_colour_of_their_own() -> None:
    colors = painted(RUN["contestants"])
    assert len(set(colors.values())) == len(RUN["contestants"])


@pytest.mark.parametrize(("value", "place"), [(1, 0), (10, 50), (100, 100)])
def test_an_axis_gives_each_power_of_ten_the_same_room(value: float, place: float) -> None:
    assert Scale(1, 100, 0, 100).at(value) == pytest.approx(place)


def test_an_axis_is_marked_at_round_numbers() -> None:
    assert list(Scale(3, 70, 0, 100).marks()) == [5, 10, 20, 50]
