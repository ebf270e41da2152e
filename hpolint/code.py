"""What a training job definition says of the code that it runs."""

from __future__ import annotations

from dataclasses import dataclass

from hpolint.node import Unknown


@dataclass(frozen=True, slots=True)
class Code:
    """Where a training script lies, as its definition names it.

    ``script`` is a path within ``folder`` where there is one, else from the definition's own folder, as ``folder`` and
    the ``further`` folders and files are, which are uploaded with it. ``by_toolkit``: the class that launches it is one
    of a framework, whose images start the script by SageMaker's training toolkit. ``unknown`` is why it is not to be
    had here.
    """

    script: str = ""
    folder: str | None = None
    further: tuple[str, ...] = ()
    by_toolkit: bool = False
    unknown: Unknown | None = None
