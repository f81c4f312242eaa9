"""Health: can this box do its work, and how does it fare.

It promises to say what it found and what to do about it, and changes nothing.
"""

from appliance.health.doctor import Finding, Level, examine

__all__ = ["Finding", "Level", "examine"]
