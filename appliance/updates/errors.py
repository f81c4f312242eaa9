"""Why a bundle is refused: one error a cause, each with what, why and what to do.

Whoever refuses a bundle has changed nothing by then. The sentences tell a
damaged stick from a forged bundle as far as that can be told.
"""

from __future__ import annotations

from appliance.errors import ApplianceError

_COPY_AGAIN = "Copy the bundle onto the stick again from where it was made."
_ASK = "Ask whoever made the bundle; do not install it otherwise."


_LONGEST_WHY = 400


def _harmless(why: str) -> str:
    """Return a sentence that no bundle can make long, or turn a terminal with."""
    short = why if len(why) <= _LONGEST_WHY else f"{why[:_LONGEST_WHY]}\N{HORIZONTAL ELLIPSIS}"
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in short)


class BundleError(ApplianceError):
    """A bundle that is refused; nothing was changed.

    Args:
        why: One sentence; a bundle's own words in it are cut and made harmless.
    """

    what_happened = "The bundle is refused."
    what_to_do = _ASK

    def __init__(self, why: str) -> None:
        super().__init__(self.what_happened, _harmless(why), self.what_to_do)


class NotAFileError(BundleError):
    """It is a link, a device, a FIFO, a folder, or not there."""

    what_happened = "The bundle cannot be opened."
    what_to_do = "Name the bundle's own file."


class BundleFormError(BundleError):
    """It is not a zip in the one form a bundle has: cut short, padded, links, strange names, anything unlisted."""

    what_happened = "This is not a whole bundle."
    what_to_do = _COPY_AGAIN


class BundleDamagedError(BundleError):
    """A byte of its content is not the one that was written or signed."""

    what_happened = "The bundle is damaged."
    what_to_do = _COPY_AGAIN


class BundleTooLargeError(BundleError):
    """It, or a part of it, is larger than any bundle."""


class UntrustedError(BundleError):
    """Its signatures do not come from enough of the keys this box trusts."""

    what_happened = "The bundle is not signed by the keys this box trusts."


class ForeignRootError(BundleError):
    """It comes from another publisher than the one whose root is pinned here."""

    what_happened = "The bundle comes from a publisher this box does not trust."
    what_to_do = "Ask for a bundle of the right publisher; `appliance trust show` shows which one this box trusts."


class BundleExpiredError(BundleError):
    """Its signatures were good for a time that is over."""

    what_happened = "The bundle has expired."
    what_to_do = "Set the box's clock if it is wrong; otherwise ask for the bundle to be signed anew."


class BundleTimeError(BundleError):
    """The times it states cannot be."""


class ReplayError(BundleError):
    """It is older than what this box has already accepted."""

    what_happened = "The bundle is older than what this box has already accepted."
    what_to_do = "Import a newer one; to go back to a model that is kept here, use `appliance model rollback`."


class JumpError(BundleError):
    """Its release is too far above the one this box has."""


class MixedError(BundleError):
    """Its parts are of different bundles, or contradict each other."""

    what_happened = "The parts of the bundle do not belong together."


class TrustError(ApplianceError):
    """What this box trusts cannot be read, or what was to be pinned cannot be trusted.

    Args:
        why: One sentence.
    """

    def __init__(self, why: str) -> None:
        super().__init__(
            "The box cannot tell whom to trust.",
            why,
            "Pin the publisher's root again with `appliance trust pin`, from the file that came with the box.",
        )
