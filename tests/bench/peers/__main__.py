"""``make bench``: measures all contestants in one run, and writes a report."""

import json

from tests.bench.peers.arguments import parse
from tests.bench.peers.bench import Bench
from tests.bench.peers.document import document
from tests.bench.peers.picture import picture


def main() -> None:
    options = parse()
    found = Bench(options).run()
    text = document(found)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "performance.json").write_text(json.dumps(found, indent=1) + "\n")
    (options.out / "performance.svg").write_text(picture(found))
    (options.out / "performance.md").write_text(text)
    print(f"\n{text}\nwritten to {options.out}")


if __name__ == "__main__":
    main()
