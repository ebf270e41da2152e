"""The base of the values that the result cache stores and other processes send."""

from __future__ import annotations

import msgspec


class Stored(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A value that is encoded as a map of its fields. Decoding refuses unknown fields."""
