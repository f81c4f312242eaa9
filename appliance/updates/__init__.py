"""Updates: models change only by signed bundle, and the box always has one that works.

Promises: nothing of a bundle is believed but what its signatures cover; a model
proves itself on this very box before it answers; one file, replaced whole, says
which one does; a refused, interrupted or failing import changes nothing; going
back is always allowed. Never: a connection, a key, a model the box came with
that could be removed.

Read :mod:`appliance.updates.ladder` for the way in and
:mod:`appliance.updates.keeper` for what the service holds.
"""
