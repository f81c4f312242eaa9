"""Errors a person can act on.

Every error that reaches a person is three sentences: what happened, why, and
what to do next. Rooms derive their own errors from the base here; the command
line turns them into an exit code and the desk shows the same sentences.
"""

from __future__ import annotations


class ApplianceError(Exception):
    """The base of every expected failure.

    Args:
        what: One sentence of what happened.
        why: One sentence of why.
        remedy: One sentence of what to do about it.
    """

    exit_code = 1

    def __init__(self, what: str, why: str, remedy: str) -> None:
        super().__init__(what, why, remedy)
        self.what = what
        self.why = why
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.why} {self.remedy}"


class UsageError(ApplianceError):
    """The command or its settings were wrong; nothing was touched."""

    exit_code = 2
