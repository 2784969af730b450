"""``python -m dashboards``: write the dashboards as JSON files, by default into this folder."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards import model, resources, service, slo, telemetry, workload
from dashboards.links import RUNBOOKS


def texts(runbooks: str = RUNBOOKS) -> Mapping[str, str]:
    """The text of each file, by its name, which is the dashboard's uid; ``runbooks`` is the runbooks' base URL."""
    built = [each.built() for each in (service, slo, model, workload, resources, telemetry)]
    found = {f"{each.uid}.json": json.dumps(each, cls=JSONEncoder, indent=1, sort_keys=True) + "\n" for each in built}
    return {name: text.replace(RUNBOOKS, runbooks.rstrip("/") + "/") for name, text in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dashboards", description="Write the dashboards as JSON.")
    parser.add_argument("--runbooks", default=RUNBOOKS, metavar="URL", help="base URL of the runbooks")
    parser.add_argument("--into", default=Path(__file__).parent, type=Path, metavar="FOLDER", help="target folder")
    options = parser.parse_args()
    for name, text in texts(options.runbooks).items():
        (options.into / name).write_text(text)


if __name__ == "__main__":
    main()
