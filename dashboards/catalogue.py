"""All dashboards, as the text of their files."""

import json
from collections.abc import Mapping

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards import model, resources, service, slo, telemetry, workload
from dashboards.links import RUNBOOKS


def texts(runbooks: str = RUNBOOKS) -> Mapping[str, str]:
    """By the name of the file, which is the dashboard's uid; ``runbooks`` is where the runbooks are."""
    built = [each.built() for each in (service, slo, model, workload, resources, telemetry)]
    found = {f"{each.uid}.json": json.dumps(each, cls=JSONEncoder, indent=1, sort_keys=True) + "\n" for each in built}
    return {name: text.replace(RUNBOOKS, runbooks.rstrip("/") + "/") for name, text in found.items()}
