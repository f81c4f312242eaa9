"""The publisher's side of a bundle: keys, roots, making, signing and looking into one.

Promises: a private key leaves this machine only encrypted and only into the
folder it was asked for; the same model and roots make the same bytes, but for
signatures and dates; nothing is called signed before it has been verified by
the very code a box runs. Needs the service's own libraries and no others.
"""

from appliance.workbench.bundle.cli import bundle

__all__ = ["bundle"]
