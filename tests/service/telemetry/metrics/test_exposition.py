import re

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize("accept", ["text/plain", "application/openmetrics-text; version=1.0.0"])
def test_a_scrape_tells_how_many_series_the_one_before_had(client: FlaskClient, accept: str) -> None:
    first = client.get("/metrics", headers={"Accept": accept}).text
    second = client.get("/metrics", headers={"Accept": accept}).text
    [told] = re.findall(r"^cifar10_metric_series (\S+)$", second, re.MULTILINE)
    assert float(told) == sum(not line.startswith("#") for line in first.splitlines())
