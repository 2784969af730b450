"""The pictures show what Prometheus answers."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dashboards.pictures import drawing
from dashboards.queries import dashboards, panels
from tests.e2e.prometheus import Series

TIMES = [1000.0, 1001.0, 1002.0]


def drawn(title: str, *answer: Series) -> Axes:
    [card] = Figure().subfigures(squeeze=False).flat
    [panel] = [panel for panel in panels(dashboards()["cifar10-service"]) if panel["title"] == title]
    drawing.draw_graph(card, panel, lambda _: list(answer), TIMES)
    axes: Axes = card.axes[0]
    return axes


def test_a_time_series_is_drawn_with_its_name() -> None:
    [line] = drawn("Requests by route", Series({"http_route": "/predict"}, {1000.0: 1.0, 1002.0: 3.0})).lines
    assert line.get_label() == "/predict"
    np.testing.assert_equal(line.get_xydata(), [[0, 1], [1, np.nan], [2, 3]])


def test_a_heatmap_shows_the_observations_of_each_bucket() -> None:
    axes = drawn("Batch size", Series({"le": "2"}, {1001.0: 7.0}), Series({"le": "1"}, {1001.0: 4.0}))
    counts = axes.collections[0].get_array()
    assert counts is not None
    np.testing.assert_equal(np.ma.filled(counts, 0), [[0, 4, 0], [0, 3, 0]])
