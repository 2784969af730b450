"""One large value on the colour of its verdict; several share the panel."""

from tests.pictures import colors
from tests.pictures.axes import LETTER
from tests.pictures.mapped import shown
from tests.pictures.markup import Markup, element
from tests.pictures.panel import Panel


def drawn(panel: Panel) -> Markup:
    fields = panel.fields()
    if not fields:
        return _tile("", panel.nothing, _nothing(panel), panel.width, panel.height)
    by_name = panel.options["textMode"] == "name"
    width = panel.width / len(fields)
    tiles = []
    for field in fields:
        value = shown(field.series.last, field.config)
        label = "" if by_name or len(fields) == 1 else field.name
        tiles.append(_tile(label, field.name if by_name else value.text, value.color, width, panel.height))
    return element("div", *tiles, class_="tiles")


def _nothing(panel: Panel) -> str:
    """The colour that the mappings give to no value."""
    return shown(float("nan"), panel.defaults).color


def _tile(label: str, value: str, color: str, width: float, height: float) -> Markup:
    size = min(height * 0.55, (width - 16) / (max(1, len(value)) * LETTER * 1.1), 42)
    style = f"background:{color};color:{colors.readable_on(color)};width:{width:.0f}px;height:{height:.0f}px"
    said = element("span", value, style=f"font-size:{size:.0f}px")
    return element("div", *([element("small", label)] if label else []), said, class_="stat", style=style)
