"""The drills as a table on the terminal and as a Markdown table.

``python -m k8s.drill.table`` writes the Markdown table to docs/troubleshooting.md.
"""

from k8s.drill.catalogue import ROOT, Drill, drills

DOCUMENT = ROOT / "docs" / "troubleshooting.md"
BEGIN = "<!-- The table is made by: .venv/bin/python -m k8s.drill.table -->\n"
END = "<!-- end of the table -->\n"

SERVING = {"old": "the old pods", "none": "no pods", "new": "the new pods", "some": "partly"}


def listed() -> str:
    """Name, STATUS, alert and cause of each drill, in columns."""
    rows = [("DRILL", "STATUS", "ALERT", "CAUSE")]
    rows += [(each.name, ",".join(each.status) or "no pod", each.alert or "none", each.cause) for each in drills()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def markdown() -> str:
    lines = [
        "| drill | `STATUS` | evidence | alert | cause | requests served by | fix |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_row, drills())]) + "\n"


def written(document: str) -> str:
    """The document with an up-to-date table."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{markdown()}\n{END}{after}"


def _row(drill: Drill) -> str:
    signals, evidence = drill.signals, []
    if signals.last_exit:
        evidence.append(f"last state `{signals.last_exit.reason}` {signals.last_exit.code}")
    if signals.event:
        evidence.append(f"event `{signals.event.reason}`")
    if signals.other and not evidence:
        evidence.append(signals.other)
    alert = f"[{drill.alert}](../monitoring/runbooks/{drill.alert}.md)" if drill.alert else "none"
    cells = [
        f"[{drill.name}](../{drill.path}/expect.yaml): {drill.title}",
        ", ".join(f"`{each}`" for each in drill.status) or "no pod",
        "; ".join(evidence),
        alert,
        f"`{drill.cause}`",
        SERVING[drill.serving],
        f"`{drill.fix}`",
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
