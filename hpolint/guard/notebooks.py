"""A refusal in IPython: as lines in a terminal, and as a table in a notebook."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from hpolint.guard.refusal import Refused

DISPLAYED = "_hpolint_is_displayed"
"""The attribute of a refusal whose table is displayed: a kernel asks for its lines twice."""


def lines_of_refusal(refusal: Refused, table: str) -> list[str]:
    """The lines to print: the report; in a notebook only its first line, below a table that is displayed."""
    first, *others = str(refusal).split("\n")
    if table and _is_notebook():
        others = []
        if not hasattr(refusal, DISPLAYED):
            from IPython.display import display

            setattr(refusal, DISPLAYED, True)
            display({"text/html": table, "text/plain": str(refusal)}, raw=True)
    return [f"hpolint.guard.Refused: {first}", *others]


def _is_notebook() -> bool:
    """Whether IPython's output goes to a front end that displays HTML."""
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")


def show_refusals(shell: Any, kind: type[Refused]) -> None:
    """Let IPython show refusals by itself, although another library replaces its tracebacks, as the SDK does by Rich.

    Does nothing if the user has a handler of exceptions.
    """

    def show(shell: Any, kind: type, refusal: Refused, _: TracebackType, **__: Any) -> list[str]:
        lines = refusal._render_traceback_()
        try:
            # The instance's own method may be another library's.
            type(shell)._showtraceback(shell, kind, refusal, lines)  # noqa: SLF001 - there is no public one
        except Exception:  # noqa: BLE001 - IPython may change it
            print("\n".join(lines), file=sys.stderr)  # noqa: T201 - it is the cell's output
        return lines

    if not getattr(shell, "custom_exceptions", ()):
        shell.set_custom_exc((kind,), show)
