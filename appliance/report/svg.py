"""The few shapes a chart needs, as SVG text; colours are classes, so light and dark are the page's business."""

from __future__ import annotations

from html import escape


def picture(width: float, height: float, said: str, *shapes: str) -> str:
    """A whole picture; ``said`` is what it shows, for who cannot see it."""
    body = "\n".join(shapes)
    label = escape(said, quote=True)
    return f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" aria-label="{label}">\n{body}\n</svg>'


def text(  # noqa: PLR0913 - two of them are the place
    x: float, y: float, words: str, kind: str = "", *, anchor: str = "start", turn: float = 0
) -> str:
    """Words at a place, turned by so many degrees."""
    turned = f' transform="rotate({turn:g} {x:.1f} {y:.1f})"' if turn else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{_class(kind)}{turned}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{_class(kind)}/>'


def box(  # noqa: PLR0913, PLR0917 - four of them are the box
    x: float, y: float, width: float, height: float, kind: str, said: str = "", *, strength: float = 1
) -> str:
    """A filled box; ``said`` is shown when it is pointed at."""
    shade = f' fill-opacity="{strength:.2f}"' if strength < 1 else ""
    inner = f"<title>{escape(said)}</title>" if said else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"{shade}{_class(kind)}>{inner}</rect>'
    )


def path(points: list[tuple[float, float]], kind: str) -> str:
    """A line through points."""
    steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{steps}"{_class(kind)}/>'


def dot(x: float, y: float, radius: float, kind: str, said: str = "") -> str:
    """A filled circle."""
    inner = f"<title>{escape(said)}</title>" if said else ""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"{_class(kind)}>{inner}</circle>'


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
