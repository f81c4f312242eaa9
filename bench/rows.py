"""How every benchmark says what it measured: JSON lines when piped, an aligned table on a terminal."""

from __future__ import annotations

import json
import sys


def row(name: str, value: float | str | None, unit: str, bar: float | None = None, ok: bool = True) -> None:  # noqa: FBT001, FBT002
    """Print one figure.

    Args:
        name: What was measured.
        value: The figure; None where it could not be measured here.
        unit: Of the figure; ``ratio`` where it has none.
        bar: What it must reach, where there is such a bar.
        ok: Whether it does; true where there is no bar.
    """
    if not sys.stdout.isatty():
        print(json.dumps({"name": name, "value": value, "unit": unit, "bar": bar, "ok": ok}), flush=True)
        return
    shown = f"{value:.4g}" if isinstance(value, float) else str(value)
    limit = "" if bar is None else f"bar {bar:g}"
    print(f"{name:<52} {shown:>10} {unit:<8} {limit:<12} {'ok' if ok else 'MISSED'}", flush=True)


def note(text: str) -> None:
    """Say something beside the figures, on standard error."""
    print(text, file=sys.stderr, flush=True)
