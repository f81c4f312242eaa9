"""The error budget: which threshold keeps it, and how it is said.

A model comes calibrated for one budget and, where its manifest has a table, for
a few others. The threshold of each was set on documents the model was not
taught, so a budget between them is refused rather than guessed at.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.classify.errors import BudgetError

if TYPE_CHECKING:
    from appliance.classify.policy import Calibration

_DENOMINATORS = (100, 1_000, 10_000)
_EXACT = 1e-9


def calibration_for(calibration: Calibration, budget: float | None) -> Calibration:
    """Return the calibration under an error budget.

    Args:
        calibration: As the model came.
        budget: A share, or None for the model's own.

    Raises:
        BudgetError: The model was not calibrated for this one.
    """
    if budget is None or _same(budget, calibration.error_budget):
        return calibration
    for known, threshold in calibration.thresholds:
        if _same(budget, known):
            return replace(calibration, threshold=threshold, error_budget=known)
    raise BudgetError(budget, known_budgets(calibration))


def known_budgets(calibration: Calibration) -> tuple[float, ...]:
    """The budgets a model was calibrated for, the strictest first."""
    others = (known for known, _ in calibration.thresholds if not _same(known, calibration.error_budget))
    return tuple(sorted({calibration.error_budget, *others}))


def odds(share: float) -> str:
    """Say a share as a person would: ``1 in 100``, ``5 in 1,000``."""
    for denominator in _DENOMINATORS:
        count = share * denominator
        if _same(count, round(count)) and count > 0:
            break
    return f"{round(count)} in {denominator:,}"


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_EXACT, abs_tol=_EXACT)
