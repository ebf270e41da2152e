"""The classes and methods of the SageMaker SDK that a source calls."""

from __future__ import annotations

from hpolint.model.stored import Stored


class Callee(Stored, frozen=True):
    """A class or method of the SDK: its name in ``data/sdk_signatures.py``, and the SDK's generation: 1, 2 or 3.

    A source of generation 1 uses names of version 1, which version 2 accepts.
    """

    name: str
    generation: int

    @property
    def shown_name(self) -> str:
        """The name for messages: a class, or a method with brackets."""
        owner, _, method = self.name.rpartition(".")
        return method if owner in ("", "shapes") else f"{method}()"
