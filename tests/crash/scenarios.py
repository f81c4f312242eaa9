"""The walks that are cut: what lies in the inbox, what a clerk does meanwhile, and what must be there in the end.

A scenario says nothing of how a walk is cut; it only makes the walk pass
through one more branch of the claim, the reading or the last move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tests.fakes import CONTRACT, PAPER, UNSURE, make_mail

if TYPE_CHECKING:
    from pathlib import Path

MORE = " It was still growing."
NEW = "This paper took the name of the first one."
STRANGER = "somebody else's"
FIRST = "home/inbox/a.txt"
HELD = "home/var/holding/1/a.txt"
TARGET = "home/var/filed/contract/distributor/a.txt"

Moment = Literal["never", "once copied", "once linked", "while read", "once decided"]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One walk of one document.

    Attributes:
        name: What is different in it.
        content: What the document says.
        names: How many names its file has; from two on it is copied and not linked.
        far: Whether the inbox answers a link as another file system does.
        plain: Whether the file system lacks ``RENAME_NOREPLACE``.
        twin: Whether a document with the same bytes and name was filed before.
        moment: When a clerk acts, once.
        attached: What each attachment says, where the document is a mail.
    """

    name: str
    content: str = CONTRACT
    names: int = 1
    far: bool = False
    plain: bool = False
    twin: bool = False
    moment: Moment = "never"
    attached: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """The content, with what is attached to it."""
        return make_mail(self.content, **{f"part {number}": said for number, said in enumerate(self.attached, 1)})

    def drop(self, root: Path) -> None:
        """Lay the document into the inbox."""
        first = root / FIRST
        first.write_text(self.whole)
        for number in range(1, self.names):
            (root / "elsewhere").mkdir(exist_ok=True)
            (root / "elsewhere" / f"{number}.txt").hardlink_to(first)

    def act(self, root: Path) -> None:
        """Do what a clerk does in this scenario, at its moment."""
        if self.name == "grows":
            with (root / HELD).open("a") as file:
                file.write(MORE)
        elif self.name == "grows far":
            with (root / FIRST).open("a") as file:
                file.write(MORE)
        elif self.name == "taken":
            (root / TARGET).write_text(STRANGER)
        elif self.name == "replaced":
            (root / "home/inbox/.new").write_text(NEW)
            (root / "home/inbox/.new").rename(root / FIRST)
        elif self.name == "taken back":
            (root / FIRST).rename(root / "home/inbox/b.txt")

    def documents(self, *, acted: bool) -> list[str]:
        """Return what the documents say that must be at rest in the end, each in one place with one row."""
        grown = self.whole + MORE if acted and self.name.startswith("grows") else self.whole
        return [grown, *self.attached, *[self.content] * self.twin, *[NEW] * (acted and self.name == "replaced")]

    def strangers(self, *, acted: bool) -> dict[str, str]:
        """Return the files among the box's own that are nobody's document, and must be left as they are."""
        return {TARGET: STRANGER} if acted and self.name == "taken" else {}


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("linked"),
        Scenario("copied", names=2),
        Scenario("far", far=True),
        Scenario("plain", plain=True),
        Scenario("taken", moment="once decided"),
        Scenario("twin", twin=True),
        Scenario("unsure", content=UNSURE),
        Scenario("grows", moment="while read"),
        Scenario("grows far", far=True, moment="once copied"),
        Scenario("replaced", moment="once linked"),
        Scenario("taken back", moment="once linked"),
        Scenario("mail", attached=(PAPER, UNSURE)),
    )
}
