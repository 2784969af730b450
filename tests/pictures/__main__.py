"""``python -m tests.pictures``: play the rig, ask Prometheus what the dashboards ask, and draw what it answers.

--out DIR          where to write, for each dashboard, a page and a picture of it
--namespace NAME   what is chosen at the top of the dashboards, instead of All; may be given several times
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from dashboards.queries import dashboards
from tests.monitoring.live import pace, panels
from tests.pictures import browser, scene
from tests.pictures.asked import Asked
from tests.pictures.page import Page, page

CAPTION = (
    "Drawn by this project's own renderer (python -m tests.pictures), not by Grafana. Real servers, real traffic, real "
    f"answers of a real Prometheus with the shipped rules, {pace.WINDOWS} times faster: a second stands for a minute. "
    "The 30 days of requests before were filled in; kube-state-metrics, cAdvisor and the namespaces “ill” and “empty” "
    "are played by a stand-in."
)


ALL = ".*"
"""What the variable for namespaces stands for when all are chosen."""


def tool(name: str, package: str) -> str:
    """Where the program is; ends with the command that installs it where it is not."""
    return shutil.which(name) or sys.exit(f"{name} is not installed: sudo apt-get install {package}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description="Draw the dashboards.")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="where to write")
    parser.add_argument("--namespace", action="append", default=[], metavar="NAME", help="chosen instead of All")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, scene.played(tool, Path(folder)) as played:
        pages = {options.out / f"{name}.html": drawn for name, drawn in pages_of(played, options.namespace or [ALL])}
    for file, drawn in pages.items():
        file.write_text(drawn.html)
        print(file)
    chromium = browser.chromium()
    if not chromium:
        print("no pictures, only pages: chromium is not installed: sudo apt-get install chromium", file=sys.stderr)
        return
    for file, drawn in pages.items():
        browser.photograph(chromium, drawn, file, file.with_suffix(".png"))
        print(file.with_suffix(".png"))


def pages_of(played: scene.Scene, namespaces: Sequence[str]) -> Iterator[tuple[str, Page]]:
    """Of every dashboard, with each of the namespaces chosen, by name."""
    variables = panels.chosen(played.prometheus, played.window.end)
    for namespace in namespaces:
        source = Asked(played.prometheus, played.window, {**variables, "namespace": namespace})
        for uid, dashboard in dashboards().items():
            yield uid if namespace == ALL else f"{uid}-{namespace}", page(dashboard, source, CAPTION)


if __name__ == "__main__":
    main()
