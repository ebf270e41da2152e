"""The exception of a refused call."""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers treat it as typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpolint.model.finding import Finding


class Refused(Exception):
    """A call that the guard did not let through. Nothing was sent.

    Its text is the report. ``findings`` are the findings that refuse the call, empty after the exception was pickled.
    ``file`` and ``line`` are the caller's place; ``line`` is None if it is not known.
    """

    def __init__(
        self, text: str, findings: Sequence[Finding] = (), file: str = "", line: int | None = None, table: str = ""
    ) -> None:
        super().__init__(text)
        self.findings = tuple(findings)
        self.file = file
        self.line = line
        self._table = table
        self._is_displayed = False

    def __reduce__(self) -> tuple[type[Refused], tuple[object, ...]]:
        """The exception for another process, without its findings, which refer to the whole job."""
        return Refused, (str(self), (), self.file, self.line, self._table)

    def _repr_html_(self) -> str:
        """The report as a table, for notebooks."""
        return self._table

    def _render_traceback_(self) -> list[str]:
        """The lines that IPython prints: the report without a traceback; in a notebook, a table above its first line.

        IPython looks for this method.
        """
        first, *others = str(self).split("\n")
        if self._table and _is_notebook():
            others = []
            if not self._is_displayed:  # the kernel asks twice
                from IPython.display import display

                self._is_displayed = True
                display({"text/html": self._table, "text/plain": str(self)}, raw=True)
        return [f"hpolint.guard.Refused: {first}", *others]


Refused.__module__ = "hpolint.guard"  # where it is imported from, for tracebacks


def _is_notebook() -> bool:
    """Whether IPython's output goes to a front end that displays HTML."""
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")
