"""HTML and SVG as text: elements with their attributes, and everything else escaped."""

from html import escape


class Markup(str):
    """Text that is markup already."""


def element(name: str, *children: str, **attributes: object) -> Markup:
    """``element("rect", x=1, stroke_width=2)``; ``_`` stands for ``-``, and ``class_`` for ``class``."""
    written = "".join(f' {_attribute(key)}="{_value(value)}"' for key, value in attributes.items() if value is not None)
    inner = "".join(child if isinstance(child, Markup) else escape(child, quote=False) for child in children)
    return Markup(f"<{name}{written}>{inner}</{name}>")


def joined(*parts: str) -> Markup:
    """Several elements, one after the other."""
    return Markup("".join(parts))


def svg(width: float, height: float, *children: str) -> Markup:
    """A drawing in pixels."""
    return element("svg", *children, width=width, height=height, viewBox=f"0 0 {_value(width)} {_value(height)}")


def text(content: str, x: float, y: float, *, anchor: str = "start", size: float = 11, **attributes: object) -> Markup:
    """A line of text in a drawing, its middle at height ``y``."""
    given = {"dominant_baseline": "central", "text_anchor": anchor, "font_size": size, **attributes}
    return element("text", content, x=x, y=y, **given)


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) and abs(value) < 1000 else escape(_rounded(value))


def _rounded(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)
