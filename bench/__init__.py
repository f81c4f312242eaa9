"""The benchmarks: each a module that runs by itself, all of them by ``make bench``."""
