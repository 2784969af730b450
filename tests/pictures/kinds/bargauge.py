"""A bar for each series, as long as its value and in the colour of its verdict."""

from tests.pictures import colors
from tests.pictures.axes import width_of
from tests.pictures.kinds.timeline import cut
from tests.pictures.mapped import shown
from tests.pictures.markup import Markup, element, svg, text
from tests.pictures.panel import Panel


def drawn(panel: Panel) -> Markup:
    assert panel.options["orientation"] == "horizontal"
    fields = panel.fields()
    if not fields:
        return element("div", panel.nothing, class_="nothing")
    values = [shown(field.series.last, field.config) for field in fields]
    left = min(width_of(field.name for field in fields) + 16, panel.width * 0.4)
    right = panel.width - width_of((value.text for value in values), 13) - 20
    row = min(panel.height / len(fields), 60)
    least = panel.defaults.get("min", 0)
    most = panel.defaults.get("max", max(field.series.last for field in fields))
    parts = []
    for number, (field, value) in enumerate(zip(fields, values, strict=True)):
        y, thick = (number + 0.5) * row, row * 0.7
        share = min(1.0, max(0.0, (field.series.last - least) / (most - least or 1)))
        place = {"x": left, "y": y - thick / 2, "height": thick}
        parts.append(text(cut(field.name, left - 12), left - 8, y, anchor="end", fill=colors.TEXT))
        parts.append(element("rect", **place, width=right - left, fill=colors.GROUND))
        parts.append(element("rect", **place, width=(right - left) * share, fill=value.color))
        parts.append(text(value.text, right + 8, y, size=13, fill=value.color))
    return svg(panel.width, panel.height, *parts)
