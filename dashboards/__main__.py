"""``python -m dashboards``: write the JSON files next to this package's modules.

--runbooks URL   where the runbooks are, for the links to them, in place of example.com
--into FOLDER    where to write
"""

import argparse
from pathlib import Path

from dashboards.catalogue import texts
from dashboards.links import RUNBOOKS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dashboards", description="Write the dashboards as JSON.")
    parser.add_argument("--runbooks", default=RUNBOOKS, metavar="URL", help="where the runbooks are, for links to them")
    parser.add_argument("--into", default=Path(__file__).parent, type=Path, metavar="FOLDER", help="where to write")
    options = parser.parse_args()
    for name, text in texts(options.runbooks).items():
        (options.into / name).write_text(text)


if __name__ == "__main__":
    main()
