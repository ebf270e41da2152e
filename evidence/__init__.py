"""What each piece of advice is worth, measured; no part of the package. See ``protocol.md``, ``docs/evidence.md``."""
