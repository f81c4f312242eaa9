"""Updates: models change only by signed bundle. The room stands ready; its walls come with the bundles.

Until then the box runs the model it came with, whose every file is proven
against its manifest before it is parsed (see :mod:`appliance.classify.store`).
"""
