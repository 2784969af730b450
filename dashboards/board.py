"""A dashboard: rows of panels, laid out and numbered, and the settings of all dashboards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, GridPos, RowPanel, VariableModel

from dashboards.annotations import Mark
from dashboards.links import TAG, to_dashboards

COLUMNS = 24


@dataclass(frozen=True)
class Row:
    """Panels side by side; without ``widths`` they are equally wide."""

    title: str
    panels: Sequence[Builder[dashboard.Panel]]
    height: int = 8
    widths: Sequence[int] = field(default=())


def board(
    uid: str, title: str, description: str, rows: Sequence[Row], *,
    variables: Sequence[Builder[VariableModel]], marks: Sequence[Mark],
    since: str = "now-1h", refresh: str = "30s",
) -> dashboard.Dashboard:  # fmt: skip
    made = (
        Dashboard(title)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .readonly()
        .timezone("browser")
        .time(since, "now")
        .refresh(refresh)
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .variables([*variables])
        .annotations([*marks])
        .link(to_dashboards())
        .build()
    )
    made.panels = [*_laid_out(rows)]
    return made


def _laid_out(rows: Sequence[Row]) -> Iterator[dashboard.Panel | RowPanel]:
    """Numbered by row and position, so that a new panel changes few ids; links to panels contain them."""
    y = 0
    for number, row in enumerate(rows, start=1):
        yield RowPanel(title=row.title, id_val=100 * number, grid_pos=GridPos(h=1, w=COLUMNS, x=0, y=y))
        y += 1
        x = 0
        widths = row.widths or [COLUMNS // len(row.panels)] * len(row.panels)
        for place, (builder, width) in enumerate(zip(row.panels, widths, strict=True), start=1):
            panel = builder.build()
            panel.id_val = 100 * number + place
            panel.grid_pos = GridPos(h=row.height, w=width, x=x, y=y)
            yield panel
            x += width
        y += row.height
