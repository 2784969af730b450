"""Print the rules of this folder as a PrometheusRule, an object of the prometheus-operator.

After a change: .venv/bin/python monitoring/prometheus_rule.py > k8s/components/monitoring/prometheus-rule.yaml
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).resolve().parent / "rules"
RUNBOOKS = "https://example.com/cifar10-serving/runbooks/"
"""The base URL of the runbooks in the rules; a placeholder."""

HEADER = "# Generated from monitoring/rules by monitoring/prometheus_rule.py; do not edit.\n"


class Dumper(yaml.SafeDumper):
    """Writes multi-line texts, such as expressions, as block scalars."""


Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runbooks", default=RUNBOOKS, metavar="URL", help="base URL of the runbooks (%(default)s)")
    sys.stdout.write(text(parser.parse_args().runbooks))
    return 0


def text(runbooks: str = RUNBOOKS) -> str:
    """The whole file."""
    return HEADER + yaml.dump(prometheus_rule(runbooks), Dumper=Dumper, sort_keys=False, width=118, allow_unicode=True)


def prometheus_rule(runbooks: str) -> dict[str, Any]:
    groups = [group for path in sorted(RULES.glob("*.yaml")) for group in yaml.safe_load(path.read_text())["groups"]]
    for annotations in (rule["annotations"] for group in groups for rule in group["rules"] if "alert" in rule):
        page = annotations["runbook_url"].removeprefix(RUNBOOKS)
        annotations["runbook_url"] = runbooks.rstrip("/") + "/" + page
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {
            "name": "cifar10-rules",
            "labels": {"app.kubernetes.io/name": "cifar10", "app.kubernetes.io/part-of": "cifar10-serving"},
        },
        "spec": {"groups": groups},
    }


if __name__ == "__main__":
    sys.exit(main())
