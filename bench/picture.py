"""Draws the stages of a walk as SVG, by hand: one bar a stage, each beginning where the one before it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BAR_MS = 35.0
LEFT, RIGHT, TOP, STEP, BAR, WIDTH = 300, 96, 64, 30, 16, 880
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2933 }
  .title { font-size: 16px; font-weight: 600 }
  .quiet { fill: #5b6770 }
  .bar { fill: #2f6f9f }
  .late { stroke: #2f6f9f; stroke-width: 1.5 }
  .grid { stroke: #d5dbe0 }
  .limit { stroke: #b3541e; stroke-width: 1.5; stroke-dasharray: 5 4 }
  .limit-text { fill: #b3541e }
  .paper { fill: #ffffff }"""


def waterfall(stages: Sequence[tuple[str, float, float]], documents: int) -> str:
    """Return the picture.

    Args:
        stages: Name, median and 95th percentile in milliseconds, in the order of the walk.
        documents: How many were measured.
    """
    total = sum(median for _, median, _ in stages)
    scale = (WIDTH - LEFT - RIGHT) / max(BAR_MS * 1.1, total * 1.1)
    bottom = TOP + STEP * len(stages) + 8
    parts = [*_frame(scale, bottom, total, documents)]
    start = 0.0
    for number, (name, median, p95) in enumerate(stages):
        parts += _stage(name, (start, median, p95), TOP + STEP * number, scale)
        start += median
    return "\n".join([_head(bottom + 52), *parts, "</svg>", ""])


def _head(height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="Where the time of one document goes">\n<style>{STYLE}\n</style>\n'
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>'
    )


def _frame(scale: float, bottom: int, total: float, documents: int) -> list[str]:
    limit = LEFT + BAR_MS * scale
    parts = [
        _text(16, 26, f"One contract, closed to filed: {total:.1f} ms", "title"),
        _text(16, 46, f"medians of {documents} on an idle box; the thin line reaches the 95th percentile", "quiet"),
    ]
    step = 5 if total < 60 else 20
    for mark in range(0, int((WIDTH - LEFT - RIGHT) / scale) + 1, step):
        x = LEFT + mark * scale
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{bottom}"/>')
        parts.append(_text(x, bottom + 18, f"{mark}", "quiet", "middle"))
    parts.append(f'<line class="limit" x1="{limit:.1f}" x2="{limit:.1f}" y1="{TOP - 6}" y2="{bottom}"/>')
    parts.append(_text(limit, bottom + 38, f"bar {BAR_MS:g} ms", "limit-text", "middle"))
    return parts


def _stage(name: str, figures: tuple[float, float, float], y: int, scale: float) -> list[str]:
    start, median, p95 = figures
    x, width = LEFT + start * scale, max(median * scale, 1)
    end = min(LEFT + (start + max(p95, median)) * scale, WIDTH - RIGHT)
    return [
        _text(LEFT - 12, y + 13, name, "", "end"),
        f'<line class="late" x1="{x:.1f}" x2="{end:.1f}" y1="{y + BAR // 2}" y2="{y + BAR // 2}"/>',
        f'<rect class="bar" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2"/>',
        _text(end + 8, y + 13, f"{median:.1f} ms"),
    ]


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text{style} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
