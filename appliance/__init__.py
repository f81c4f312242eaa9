"""An air-gapped document classifier appliance: it reads, decides, files, and asks when unsure."""

__version__ = "0.1.0"
